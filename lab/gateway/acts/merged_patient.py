"""A record turns out to be a double: from now on it is replaced by that of another known patient.

Its identity becomes a marked one, so that a page shows whether people still read it. Stays go on naming the
old record, as at a hospital that merges identities and not files.
Spec: https://hl7.org/fhir/R4/codesystem-link-type.html
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.answered import Json, is_patient, rewritten, subject_of, turn, uncast

_NAME = "merged-patient"
_SURVIVOR = "merged-patient, survivor"
_THIRD, _READABLE = 2, 1
_REPLACED = {"use": "old", "family": "LAB-REMPLACÉ", "given": ["Lab"]}
_PRESENT = frozenset({"arrived", "triaged", "in-progress"})


def _is_stay(resource: Json) -> bool:
    return resource["resourceType"] == "Encounter" and resource.get("status") in _PRESENT


def _change(stage: Stage, answer: FhirResponse) -> FhirResponse:
    replaced, survivor = stage.cast[_NAME], stage.cast[_SURVIVOR]

    def change(resource: Json) -> Json:
        if not is_patient(resource) or resource["id"] not in {replaced, survivor}:
            return resource
        links = resource.get("link", [])
        if resource["id"] == survivor:
            return {**resource, "link": [*links, _link(replaced, "replaces")]}
        link = [*links, _link(survivor, "replaced-by")]
        return {**resource, "active": False, "name": [_REPLACED], "link": link}

    return rewritten(answer, change)


def _link(patient: str, type_: str) -> Json:
    return {"other": {"reference": f"Patient/{patient}"}, "type": type_}


def _begin(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    stay = uncast(stage, answer, _is_stay, _THIRD)
    survivor = next((one for one in reversed(stage.known) if turn(stage, one) == _READABLE), None)
    if stay is None or survivor is None:
        return None
    stage.cast.update({_NAME: subject_of(stay), _SURVIVOR: survivor})
    return _change(stage, answer)


ACT = Act(name=_NAME, after=_begin, lasting=_change, quiet=True)

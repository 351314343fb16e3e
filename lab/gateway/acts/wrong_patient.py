"""Answers about given patients come with another one whom nobody asked for: the application must not take it.

It is played on searches that name patients (``_id``, ``patient``, ``subject``): elsewhere nothing is wrong.
Source: five-levels reference, K-08; OWASP API10:2023 (unsafe consumption of APIs).
"""

import orjson

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage, searched
from lab.gateway.answered import Json

_NAME = "wrong-patient"
INTRUDER = "lab-wrong-patient"
_ABOUT = frozenset({"patient", "subject"})
_PERSON = {
    "resourceType": "Patient",
    "id": INTRUDER,
    "active": True,
    "name": [{"use": "official", "family": "ÉTRANGER", "given": ["Lab"]}],
    "gender": "unknown",
    "birthDate": "1950-02-03",
}


def _names_patients(request: FhirRequest) -> bool:
    if not searched(request):
        return False
    names = {parameter.name for parameter in request.parameters}
    return "_id" in names if request.type == "Patient" else bool(names & _ABOUT)


def _add(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    """Return the answer with the intruder in it, None when there is nothing to set it beside."""
    whole = orjson.loads(answer.body) if answer.status == 200 and answer.body else {}
    entries = [entry for entry in whole.get("entry", []) if "resource" in entry]
    if not entries:
        return None
    stage.cast[_NAME] = INTRUDER
    entry = {**entries[0], "resource": _of_another(entries[0]["resource"])}
    entry["fullUrl"] = (
        f"{stage.request.base_url}/{entry['resource']['resourceType']}/{entry['resource']['id']}"
    )
    return FhirResponse(200, orjson.dumps({**whole, "entry": [*whole["entry"], entry]}), answer.headers)


def _of_another(resource: Json) -> Json:
    if resource["resourceType"] == "Patient":
        return _PERSON
    reference = {"reference": f"Patient/{INTRUDER}"}
    own = {name: reference for name in _ABOUT if name in resource}
    return {**resource, "id": f"{INTRUDER}-{resource['resourceType']}"[:64], **own}


def _lasting(stage: Stage, answer: FhirResponse) -> FhirResponse:
    return (_add(stage, answer) or answer) if _names_patients(stage.request) else answer


ACT = Act(name=_NAME, applies=_names_patients, after=_add, lasting=_lasting)

"""From now on one patient comes with what nobody announced: extensions, a new code, another order of members.

Specs: https://hl7.org/fhir/R4/extensibility.html, https://hl7.org/fhir/R4/json.html
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.answered import Json, bystander, is_patient, rewritten, subject_of

_NAME = "unknown-content"
_URL = "https://laboratory.invalid/StructureDefinition/unknown"
_EXTENSION = {"url": _URL, "extension": [{"url": "inside", "valueDecimal": 1.5}]}
_CODE = {"coding": [{"system": "https://laboratory.invalid/codes", "code": "lab-new-code"}], "text": "New"}
_CODED = {"Patient": "maritalStatus", "Encounter": "serviceType"}


def _change(stage: Stage, answer: FhirResponse) -> FhirResponse:
    def change(resource: Json) -> Json:
        if subject_of(resource) != stage.cast[_NAME]:
            return resource
        more: Json = {"extension": [*resource.get("extension", []), _EXTENSION]}
        if resource["resourceType"] in _CODED:
            more[_CODED[resource["resourceType"]]] = _CODE
        return dict(reversed({**resource, **more}.items()))

    return rewritten(answer, change)


def _begin(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    chosen = bystander(stage, answer, is_patient)
    if chosen is None:
        return None
    stage.cast[_NAME] = chosen["id"]
    return _change(stage, answer)


ACT = Act(name=_NAME, after=_begin, lasting=_change, quiet=True)

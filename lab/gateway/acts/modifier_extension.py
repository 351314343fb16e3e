"""From now on one patient carries a modifier extension that no application can know.

Spec: https://hl7.org/fhir/R4/extensibility.html#modifierExtension
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.answered import Json, bystander, is_patient, rewritten

_NAME = "modifier-extension"
_MODIFIER = {"url": "https://laboratory.invalid/StructureDefinition/not-this-patient", "valueBoolean": True}


def _change(stage: Stage, answer: FhirResponse) -> FhirResponse:
    def change(resource: Json) -> Json:
        if not is_patient(resource) or resource["id"] != stage.cast[_NAME]:
            return resource
        return {**resource, "modifierExtension": [*resource.get("modifierExtension", []), _MODIFIER]}

    return rewritten(answer, change)


def _begin(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    chosen = bystander(stage, answer, is_patient, apart=True)
    if chosen is None:
        return None
    stage.cast[_NAME] = chosen["id"]
    return _change(stage, answer)


ACT = Act(name=_NAME, after=_begin, lasting=_change, quiet=True)

"""Every third patient comes masked from now on: no name, no address, no birth date, the tag SUBSETTED.

Specs: https://hl7.org/fhir/R4/extension-data-absent-reason.html,
https://hl7.org/fhir/R4/valueset-security-labels.html (SUBSETTED)
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.answered import Json, chosen, rewritten, turn

_NAME = "masked-data"
_MASKED = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}
    ]
}
_SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "Resource encoded in summary mode",
}
_HIDDEN = ("address", "telecom", "contact", "photo", "text", "birthDate", "gender")
_THIRD = 0


def _mask(stage: Stage, answer: FhirResponse) -> FhirResponse:
    def change(resource: Json) -> Json:
        if resource["resourceType"] != "Patient" or turn(stage, resource["id"]) != _THIRD:
            return resource
        kept = {name: value for name, value in resource.items() if name.lstrip("_") not in _HIDDEN}
        meta = kept.get("meta", {})
        kept["meta"] = {**meta, "tag": [*meta.get("tag", []), _SUBSETTED]}
        return {**kept, "name": [_MASKED], "_birthDate": _MASKED, "_gender": _MASKED}

    return rewritten(answer, change)


def _begin(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    return _mask(stage, answer) if chosen(stage, _NAME, answer, _THIRD) else None


ACT = Act(name=_NAME, after=_begin, lasting=_mask)

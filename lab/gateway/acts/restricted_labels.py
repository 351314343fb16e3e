"""From now on all that is about one patient is labelled restricted: it may be read, not passed on.

Spec: https://hl7.org/fhir/R4/security-labels.html
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.answered import Json, bystander, is_patient, rewritten, subject_of

_NAME = "restricted-labels"
_RESTRICTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    "code": "R",
    "display": "restricted",
}


def _change(stage: Stage, answer: FhirResponse) -> FhirResponse:
    def change(resource: Json) -> Json:
        if subject_of(resource) != stage.cast[_NAME]:
            return resource
        meta = resource.get("meta", {})
        return {**resource, "meta": {**meta, "security": [*meta.get("security", []), _RESTRICTED]}}

    return rewritten(answer, change)


def _begin(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    chosen = bystander(stage, answer, is_patient)
    if chosen is None:
        return None
    stage.cast[_NAME] = chosen["id"]
    return _change(stage, answer)


ACT = Act(name=_NAME, after=_begin, lasting=_change, quiet=True)

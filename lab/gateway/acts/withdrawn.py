"""What was recorded about one patient turns out to be an error: its status is entered-in-error from now on.

Spec: https://hl7.org/fhir/R4/lifecycle.html
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.answered import Json, rewritten, subject_of, uncast

_NAME = "withdrawn"
_STATUS = "entered-in-error"
_THIRD = 2
_WITH_STATUS = frozenset(
    {"Encounter", "Observation", "DiagnosticReport", "Procedure", "MedicationRequest", "Immunization"}
)


def _has_status(resource: Json) -> bool:
    return resource["resourceType"] in _WITH_STATUS and resource.get("status") != _STATUS


def _change(stage: Stage, answer: FhirResponse) -> FhirResponse:
    def change(resource: Json) -> Json:
        if subject_of(resource) != stage.cast[_NAME] or not _has_status(resource):
            return resource
        return {**resource, "status": _STATUS}

    return rewritten(answer, change)


def _begin(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    chosen = uncast(stage, answer, _has_status, _THIRD)
    if chosen is None:
        return None
    stage.cast[_NAME] = subject_of(chosen)
    return _change(stage, answer)


ACT = Act(name=_NAME, after=_begin, lasting=_change, quiet=True)

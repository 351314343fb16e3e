"""A patient leaves the cohort of the application: from now on no answer holds anything about that patient.

Source: five-levels reference, K-07; RGPD art. 5(1)(e).
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.answered import Json, chosen, refers_to, rewritten

_NAME = "patient-leaves"
_THIRD = 2


def _without(stage: Stage, answer: FhirResponse) -> FhirResponse:
    patient = stage.cast[_NAME]

    def change(resource: Json) -> Json | None:
        return None if refers_to(resource, patient) else resource

    return rewritten(answer, change)


def _begin(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    return _without(stage, answer) if chosen(stage, _NAME, answer, _THIRD) else None


ACT = Act(name=_NAME, after=_begin, lasting=_without)

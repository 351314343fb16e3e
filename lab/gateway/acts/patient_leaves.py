"""A patient leaves the cohort of the application: from now on no answer holds anything about that patient.

Source: five-levels reference, K-07; RGPD art. 5(1)(e).
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.answered import Json, is_patient, refers_to, rewritten, uncast

_NAME = "patient-leaves"
_THIRD = 2


def _without(stage: Stage, answer: FhirResponse) -> FhirResponse:
    patient = stage.cast[_NAME]

    def change(resource: Json) -> Json | None:
        return None if refers_to(resource, patient) else resource

    return rewritten(answer, change)


def _begin(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    leaver = uncast(stage, answer, is_patient, _THIRD)
    if leaver is None:
        return None
    stage.cast[_NAME] = str(leaver["id"])
    return _without(stage, answer)


ACT = Act(name=_NAME, after=_begin, lasting=_without)

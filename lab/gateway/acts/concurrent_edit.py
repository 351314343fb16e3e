"""Somebody else changed a resource just before the application writes it: 412, once.

Spec: https://hl7.org/fhir/R4/http.html#concurrency
"""

from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse, outcome
from lab.gateway.act import Act, Stage


def _updates(request: FhirRequest) -> bool:
    return request.interaction in {Interaction.UPDATE, Interaction.PATCH}


def _conflict(stage: Stage) -> FhirResponse:
    stage.cast["concurrent-edit"] = f"{stage.request.type}/{stage.request.id}"
    return outcome(412, "conflict", "The resource was changed since it was read.")


ACT = Act(name="concurrent-edit", applies=_updates, instead=_conflict)

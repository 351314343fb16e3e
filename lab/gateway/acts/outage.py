"""The platform is down for a moment: 503 without Retry-After, three times in a row."""

from lab.fhir.response import FhirResponse, outcome
from lab.gateway.act import Act, Stage


def _down(_: Stage) -> FhirResponse:
    return outcome(503, "transient", "The service is unavailable.")


ACT = Act(name="outage", times=3, applies=lambda _: True, instead=_down)

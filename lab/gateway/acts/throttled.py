"""The platform is busy: 429 with Retry-After in seconds (RFC 6585, RFC 9110 section 10.2.3)."""

from lab.fhir.response import FhirResponse, outcome
from lab.gateway.act import Act, Stage

WAIT_S = 2


def _busy(_: Stage) -> FhirResponse:
    return outcome(429, "throttled", "Too many requests.").with_headers(("retry-after", str(WAIT_S)))


ACT = Act(name="throttled", instead=_busy)

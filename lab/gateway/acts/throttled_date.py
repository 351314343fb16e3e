"""The platform is busy: 429 with Retry-After as a date (RFC 9110 section 10.2.3)."""

import time
from email.utils import formatdate

from lab.fhir.response import FhirResponse, outcome
from lab.gateway.act import Act, Stage

WAIT_S = 2
_UNIT_S = 1
"""A date counts whole seconds: one is added, so that never less than WAIT_S is asked for."""


def _busy(_: Stage) -> FhirResponse:
    moment = formatdate(int(time.time()) + WAIT_S + _UNIT_S, usegmt=True)
    return outcome(429, "throttled", "Too many requests.").with_headers(("retry-after", moment))


ACT = Act(name="throttled-date", instead=_busy)

"""The one type that the five levels answer with, and how a refusal is answered to the caller.

The caller's answer is constant per level: it never says why. The journal does.
"""

import math

from lab.fhir.response import FhirError, FhirResponse, outcome
from lab.model.exchange import Decision

_ANSWERS = {
    1: (403, "forbidden", "This network has no access."),
    2: (401, "login", "A valid access token is required."),
    3: (403, "forbidden", "The access token does not allow this."),
    5: (400, "invalid", "A parameter of this request is not available to this application."),
}


def refuse(level: int, rule: str, reason: str) -> Decision:
    """Return a refusal of that level."""
    return Decision(level, allow=False, rule=rule, reason=reason)


def answer(decision: Decision) -> FhirResponse:
    """Return what the caller sees of a refusal.

    Level 4 has no answer of its own: outside the cohort, a resource answers as an unknown one does.
    """
    status, issue, diagnostics = _ANSWERS[decision.level]
    if status == 401:
        headers = (("www-authenticate", 'Bearer realm="fhir"'),)
        return FhirError(status, issue, diagnostics, headers).response()
    return outcome(status, issue, diagnostics)


def too_many(wait_s: float) -> FhirResponse:
    """Return what a caller above its rate sees; only the seconds to wait vary (RFC 6585 section 4)."""
    retry = ("retry-after", str(math.ceil(wait_s)))
    return outcome(429, "throttled", "Too many requests.").with_headers(retry)

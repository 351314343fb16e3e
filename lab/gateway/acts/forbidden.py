"""The hospital withdraws a right in the middle of the work: 403, and the tokens that carried it are revoked.

Spec: RFC 9110 section 15.5.4 (a request that was refused is not repeated unchanged).
"""

from lab.fhir.response import FhirResponse, outcome
from lab.gateway.act import Act, Stage


def _withdraw(stage: Stage) -> FhirResponse:
    stage.tokens.revoke(stage.client_id)
    return outcome(403, "forbidden", "This is not open to the application.")


ACT = Act(name="forbidden", instead=_withdraw, closing=True)

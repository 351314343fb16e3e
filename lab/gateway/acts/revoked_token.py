"""The hospital revokes the application's tokens in the middle of its work (RFC 6750, invalid_token)."""

from lab.fhir.response import FhirError, FhirResponse
from lab.gateway.act import Act, Stage


def revoke(stage: Stage) -> FhirResponse:
    """Revoke the tokens and say that the one in hand is worth nothing."""
    stage.tokens.revoke(stage.client_id)
    header = ("www-authenticate", 'Bearer realm="fhir", error="invalid_token"')
    return FhirError(401, "login", "A valid access token is required.", (header,)).response()


ACT = Act(name="revoked-token", applies=lambda _: True, instead=revoke)

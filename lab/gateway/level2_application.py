"""Level 2, application authorization: does the request carry a token in force of a known application?

Spec: RFC 6750
"""

import re

from lab.authserver.registry import Registration, Registry
from lab.authserver.tokens import Grant, Tokens
from lab.gateway.decision import refuse
from lab.model.exchange import Decision

_BEARER = re.compile(r"[Bb]earer ([A-Za-z0-9\-._~+/]+=*)")


def decide(
    authorization: str, tokens: Tokens, registry: Registry
) -> tuple[Decision, Grant | None, Registration | None]:
    """Return the decision with, when it allows, the grant and the application behind the token."""
    match = _BEARER.fullmatch(authorization)
    if match is None:
        return refuse(2, "bearer", "no bearer token" if not authorization else "malformed token"), None, None
    grant = tokens.grant(match[1])
    if grant is None:
        return refuse(2, "token", "unknown, expired or revoked token"), None, None
    registration = registry.get(grant.client_id)
    if registration is None:
        return refuse(2, "application", "unknown or disabled application"), None, None
    allowed = Decision(2, allow=True, rule=f"application {grant.client_id}", reason="token in force")
    return allowed, grant, registration

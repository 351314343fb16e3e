"""Level 2, application authorization: a token in force of a known application, its own, within its rate?

Specs: RFC 6750, RFC 8705 section 3 (tokens bound to a client certificate), RFC 6585 section 4 (429)
"""

import re
from functools import lru_cache

from lab.authserver.rate_limit import RateLimits
from lab.authserver.registry import Registration, Registry
from lab.authserver.tokens import Grant, Tokens
from lab.gateway.decision import refuse
from lab.model.exchange import Decision

_BEARER = re.compile(r"[Bb]earer ([A-Za-z0-9\-._~+/]+=*)")


def decide(
    authorization: str, tokens: Tokens, registry: Registry
) -> tuple[Decision, Grant | None, Registration | None]:
    """Return the decision with, when it allows, the grant and the application behind the token.

    Raises:
        StateUnavailableError: nobody can tell which tokens are in force.
    """
    match = _BEARER.fullmatch(authorization)
    if match is None:
        return refuse(2, "bearer", "no bearer token" if not authorization else "malformed token"), None, None
    grant = tokens.grant(match[1])
    if grant is None:
        return refuse(2, "token", "unknown, expired or revoked token"), None, None
    registration = registry.get(grant.client_id)
    if registration is None:
        return refuse(2, "application", "unknown or disabled application"), None, None
    return _allowed(grant.client_id), grant, registration


def possession(grant: Grant, registration: Registration, certificate: str) -> Decision:
    """Decide whether who sends the token is who it was issued to, when it is bound to a client certificate.

    ``certificate`` is the thumbprint of the one that this connection showed; empty for none.
    """
    if registration.certificate_bound and not grant.certificate:
        return refuse(2, "certificate", "the application's tokens must be bound to a certificate")
    if grant.certificate and grant.certificate != certificate:
        seen = "another certificate" if certificate else "no certificate"
        return refuse(2, "certificate", f"the token is bound to a certificate, the connection shows {seen}")
    return _allowed(grant.client_id)


def within_rate(grant: Grant, registration: Registration, limits: RateLimits) -> tuple[Decision, float]:
    """Take the request out of the application's allowance; return the decision and the seconds to wait.

    What the laboratory sends in the name of the application has an allowance of its own.
    """
    rate = registration.rate
    if rate is None:
        return _allowed(grant.client_id), 0.0
    wait = limits.wait(f"fhir {grant.client_id} {grant.probing}", rate)
    if wait:
        return refuse(2, "rate", f"more than {rate.per_second:g} requests a second"), wait
    return _allowed(grant.client_id), 0.0


@lru_cache(maxsize=1024)
def _allowed(client_id: str) -> Decision:
    return Decision(2, allow=True, rule=f"application {client_id}", reason="token in force")

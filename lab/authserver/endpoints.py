"""The three endpoints of the token server, for a caller that is authenticated.

Specs: RFC 6749 section 4.4 (token), RFC 7662 (introspection), RFC 7009 (revocation), RFC 8705 (certificates)
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lab.authserver.conduct import granted as opened
from lab.authserver.registry import LABORATORY_KIDS, Registration
from lab.authserver.server import OAuthRefused, TokenServer
from lab.fhir.scopes import ScopeError, parse_scopes

Form = Mapping[str, str]
_INACTIVE: dict[str, object] = {"active": False}


@dataclass(frozen=True)
class Authenticated:
    """Who calls: an application, the kid of the key it signed with, and the certificate it showed, if any."""

    registration: Registration
    kid: str
    certificate: str


def token(server: TokenServer, form: Form, caller: Authenticated) -> dict[str, object]:
    """Issue a token for what is both asked and registered.

    Raises:
        OAuthRefused: the request is not one for a token that the application may have.
    """
    if form.get("grant_type") != "client_credentials":
        raise OAuthRefused("unsupported_grant_type", "grant_type is not client_credentials")
    registration = caller.registration
    try:
        asked = parse_scopes(form.get("scope", ""), server.release)
    except ScopeError as error:
        raise OAuthRefused("invalid_scope", str(error)) from None
    granted = asked.within(registration.scopes)
    if not granted:
        raise OAuthRefused("invalid_scope", "nothing of the scope is registered for the application")
    probing = caller.kid in LABORATORY_KIDS
    conduct = None if probing else server.conducts.get(registration.client_id)
    granted = opened(granted, conduct)
    lifetime = conduct.lifetime_s if conduct and conduct.lifetime_s else server.tokens.lifetime_s
    issued = server.tokens.issue(
        registration.client_id,
        granted,
        probing=probing,
        lifetime_s=lifetime,
        certificate=caller.certificate if registration.certificate_bound else "",
    )
    return {
        "access_token": issued,
        "token_type": "bearer",
        "expires_in": lifetime,
        "scope": str(granted),
    }


def introspect(server: TokenServer, form: Form, caller: Authenticated) -> dict[str, object]:
    """Tell about a token: to the application that it was issued to, or to a registered resource server.

    Any other application learns nothing, not even that the token is in force: what one application may do is
    no business of another, and a stolen token must not be tried out here.
    """
    grant = server.tokens.grant(form.get("token", ""))
    if grant is None or server.registry.get(grant.client_id) is None:
        return _INACTIVE
    if grant.client_id != caller.registration.client_id and not caller.registration.resource_server:
        return _INACTIVE
    bound = {"cnf": {"x5t#S256": grant.certificate}} if grant.certificate else {}
    return {
        "active": True,
        "scope": str(grant.scopes),
        "client_id": grant.client_id,
        "sub": grant.client_id,
        "iss": server.url,
        "iat": int(grant.issued),
        "exp": int(grant.expires),
        "token_type": "bearer",
        **bound,
    }


def revoke(server: TokenServer, form: Form, caller: Authenticated) -> dict[str, object]:
    """Revoke a token of the application; the answer is the same whatever the token is.

    Raises:
        OAuthRefused: no token was sent.
    """
    if not form.get("token"):
        raise OAuthRefused("invalid_request", "the field token is missing")
    server.tokens.revoke_one(form["token"], caller.registration.client_id)
    return {}

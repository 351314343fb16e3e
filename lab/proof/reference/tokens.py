"""What the token endpoint owes an assertion: a token only if every one of these conditions holds.

Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html, RFC 6749 section 5.2,
RFC 7662, RFC 7009
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST_S = 300
TOKEN, INTROSPECT, REVOKE = "token", "introspect", "revoke"


@dataclass(frozen=True)
class Client:
    """``keys`` are the kids of its registered keys, sound or not; ``rights`` are (type, letter)."""

    id: str
    keys: frozenset[str]
    rights: frozenset[tuple[str, str]]
    disabled: bool = False
    certificate_bound: bool = False
    resource_server: bool = False
    jwks_url: str = ""


@dataclass(frozen=True)
class Assertion:
    """What is sent. ``signer`` is the kid of the key that signs, ``lives`` the seconds until it expires.

    ``audience`` is what ``aud`` says: ``ours``, or a reason why it is not. ``lives`` None is no number.
    """

    issuer: str
    subject: str
    audience: str
    lives: int | None
    jti: str | None
    kid: str | None
    signer: str
    algorithm: str = "ES384"
    jku: str = ""
    begins: int = 0


@dataclass(frozen=True)
class Form:
    """The rest of the request; ``inside`` tells that it comes from the network of the clients."""

    endpoint: str
    grant_type: str = "client_credentials"
    assertion_type: bool = True
    scope: frozenset[tuple[str, str]] = frozenset({("*", "r")})
    repeated: bool = False
    method: str = "POST"
    certificate: str = ""
    inside: bool = True
    token: str = ""


@dataclass
class Office:
    """What is known: ``sound`` are the kids of keys that may verify, ``tokens`` in force with their owner."""

    clients: Mapping[str, Client]
    sound: frozenset[str]
    used: set[tuple[str, str]] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Owed:
    """The status and the error that are owed; for 200, the rights of the token or what it is said to be."""

    status: int
    error: str = ""
    rights: frozenset[tuple[str, str]] = frozenset()
    active: bool | None = None


def owed(office: Office, form: Form, assertion: Assertion) -> Owed:  # noqa: PLR0911 - a table
    """Return what is owed to a request; a jti is used up by an assertion that holds."""
    if not form.inside:
        return Owed(403, "access_denied")
    if form.method != "POST" or form.repeated:
        return Owed(400, "invalid_request")
    client = office.clients.get(assertion.issuer)
    if not form.assertion_type or client is None or not _holds(office, client, assertion):
        return Owed(401, "invalid_client")
    office.used.add((client.id, assertion.jti or ""))
    if client.certificate_bound and not form.certificate:
        return Owed(401, "invalid_client")
    if form.endpoint == INTROSPECT:
        owner = office.tokens.get(form.token)
        known = owner is not None and not office.clients[owner].disabled
        return Owed(200, active=known and (owner == client.id or client.resource_server))
    if form.endpoint == REVOKE:
        if not form.token:
            return Owed(400, "invalid_request")
        if office.tokens.get(form.token) == client.id:
            del office.tokens[form.token]
        return Owed(200)
    return _issued(client, form)


def _issued(client: Client, form: Form) -> Owed:
    if form.grant_type != "client_credentials":
        return Owed(400, "unsupported_grant_type")
    rights = frozenset(
        (type_ if type_ != "*" else of, letter)
        for type_, letter in form.scope
        for of, right in client.rights
        if letter == right and ("*" in {type_, of} or type_ == of)
    )
    return Owed(200, rights=rights) if rights else Owed(400, "invalid_scope")


def _holds(office: Office, client: Client, assertion: Assertion) -> bool:
    """Tell whether an assertion authenticates its issuer."""
    return (
        not client.disabled
        and assertion.algorithm == "ES384"
        and assertion.kid in client.keys & office.sound
        and assertion.signer == assertion.kid
        and assertion.jku in {"", client.jwks_url}
        and assertion.subject == client.id
        and assertion.audience == "ours"
        and assertion.lives is not None
        and 0 < assertion.lives <= LONGEST_S
        and assertion.begins <= 0
        and bool(assertion.jti)
        and (client.id, assertion.jti or "") not in office.used
    )

"""Level 2: the token server: tokens for assertions, introspection, revocation, and who a token stands for.

Specs: SMART Backend Services; RFC 6749 section 5, RFC 6750, RFC 7009, RFC 7662
"""

import json
import secrets
import time
from dataclasses import dataclass
from urllib.parse import parse_qsl

from tests.mutants.vendors.sound.assertion import TYPE, Assertions, Wrong
from tests.mutants.vendors.sound.clients import Client
from tests.mutants.vendors.sound.message import Answer, Refused, Request
from tests.mutants.vendors.sound.scopes import Scope, Scopes

LIFETIME_S = 300
_MOST_BAD, _WINDOW_S = 40, 60.0


@dataclass(frozen=True)
class Caller:
    """Who calls, with what was granted, until when (monotonic clock)."""

    client: Client
    scopes: list[Scope]
    until: float


@dataclass
class Denied(Exception):
    """An OAuth error answer."""

    status: int
    error: str

    def answer(self) -> Answer:
        """Return it as an answer."""
        retry = (("Retry-After", "60"),) if self.status == 429 else ()
        return Answer(self.status, json.dumps({"error": self.error}).encode(), retry, "application/json")


class Tokens:
    """Issues and knows tokens."""

    def __init__(self, known: dict[str, Client], assertions: Assertions, scopes: Scopes) -> None:
        self.known = known
        self.assertions = assertions
        self.scopes = scopes
        self.issued: dict[str, Caller] = {}
        self.bad: dict[str, list[float]] = {}

    def caller(self, request: Request) -> Caller:
        """Return who calls; refuses who does not prove it."""
        given = request.all("authorization")
        if len(given) > 1:
            raise Refused(400, "structure", "The Authorization header is repeated.")
        scheme, _, token = (given[0] if given else "").partition(" ")
        known = self.find(token) if scheme.lower() == "bearer" else None
        if known is None or known.until <= time.monotonic():
            challenge = ("WWW-Authenticate", 'Bearer realm="fhir"')
            raise Refused(401, "login", "A valid access token is required.", (challenge,))
        return known

    def find(self, token: str) -> Caller | None:
        """Look a token up, exactly."""
        return self.issued.get(token)

    def issue(self, request: Request) -> Answer:
        """Answer a token request."""
        try:
            form = self.form(request)
            if form.get("grant_type") != "client_credentials":
                raise Denied(400, "unsupported_grant_type")
            client = self.authenticated(form)
            granted = self.scopes.granted(form.get("scope", ""), client.scopes)
            if not granted:
                raise Denied(400, "invalid_scope")
            token, lifetime = secrets.token_urlsafe(32), self.lifetime(form)
            self.issued[token] = Caller(client, granted, time.monotonic() + lifetime)
            answer = {
                "access_token": token,
                "token_type": "bearer",
                "expires_in": lifetime,
                "scope": " ".join(scope.text() for scope in granted),
            }
            return Answer(200, json.dumps(answer).encode(), content_type="application/json")
        except Denied as denied:
            return denied.answer()

    def lifetime(self, form: dict[str, str]) -> int:
        """Return how long a token lives: less than usual for who asks so."""
        asked = form.get("expires_in", "")
        short = asked.isascii() and asked.isdigit() and len(asked) < 4
        return min(LIFETIME_S, max(1, int(asked))) if short else LIFETIME_S

    def introspect(self, request: Request) -> Answer:
        """Tell a client about a token of its own."""
        try:
            form = self.form(request)
            client = self.authenticated(form, status=401)
        except Denied as denied:
            return denied.answer()
        known = self.find(form.get("token", ""))
        answer: dict[str, object] = {"active": False}
        if known and self.may_ask(client, known) and known.until > time.monotonic():
            scope = " ".join(one.text() for one in known.scopes)
            answer = {"active": True, "client_id": known.client.id, "scope": scope}
        return Answer(200, json.dumps(answer).encode(), content_type="application/json")

    def may_ask(self, client: Client, about: Caller) -> bool:
        """Tell whether a client may ask about a token."""
        return about.client.id == client.id

    def revoke(self, request: Request) -> Answer:
        """End a token of the client's own."""
        try:
            form = self.form(request)
            client = self.authenticated(form, status=401)
        except Denied as denied:
            return denied.answer()
        known = self.find(form.get("token", ""))
        if known and known.client.id == client.id:
            self.end(form["token"])
        return Answer(200)

    def end(self, token: str) -> None:
        """Forget a token."""
        del self.issued[token]

    def form(self, request: Request) -> dict[str, str]:
        """Read the form of a request, each field once."""
        pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        wrong_type = not request.header("content-type").startswith("application/x-www-form-urlencoded")
        if wrong_type or len(request.body) > 65_536 or len(dict(pairs)) != len(pairs):
            raise Denied(400, "invalid_request")
        return dict(pairs)

    def authenticated(self, form: dict[str, str], status: int = 400) -> Client:
        """Return the client that an assertion proves."""
        if form.get("client_assertion_type") != TYPE:
            raise Denied(status, "invalid_client")
        assertion = form.get("client_assertion", "")
        claimed = _claimed(assertion)
        self.check_rate(claimed)
        try:
            return self.known[self.assertions.client(assertion)]
        except Wrong:
            self.bad.setdefault(claimed, []).append(time.monotonic())
            raise Denied(status, "invalid_client") from None

    def check_rate(self, claimed: str) -> None:
        """Refuse a client that has sent too many wrong assertions of late."""
        now = time.monotonic()
        recent = [at for at in self.bad.get(claimed, []) if at > now - _WINDOW_S]
        self.bad[claimed] = recent
        if len(recent) >= _MOST_BAD:
            raise Denied(429, "temporarily_unavailable")


def _claimed(assertion: str) -> str:
    """Return whom an unverified assertion claims to be of."""
    import jwt  # noqa: PLC0415

    try:
        return str(jwt.decode(assertion, options={"verify_signature": False}).get("iss"))
    except (jwt.PyJWTError, ValueError, TypeError):
        return ""

"""Access tokens by SMART Backend Services, and introspection of the tokens of others.

The token stays in memory, is used until 80 % of its life, and is never logged.
Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html, RFC 7523, RFC 7662.
"""

import time
import uuid
from dataclasses import dataclass, field

import httpx
import jwt

from tableau_urgences.events import alert, event
from tableau_urgences.fhir import JSON, items, text
from tableau_urgences.hospital.keys import SigningKey, load_key
from tableau_urgences.hospital.transport import Answer, HospitalError, Transport, Unavailable
from tableau_urgences.settings import Settings

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE_S = 240
MAX_TOKEN_LIFE_S = 300
MAX_REFUSALS = 3
REST_AFTER_REFUSALS_S = 900
_JSON = {"Accept": "application/json"}


class TokenRefused(HospitalError):  # noqa: N818 - a state of our registration
    """The hospital does not give us a token."""


@dataclass(frozen=True)
class Token:
    """``scope`` is what was granted, maybe less than asked; ``serial`` tells one token from the next."""

    value: str = field(repr=False)
    scope: str
    renew_at: float
    serial: int


class TokenSource:
    """The hospital's token server, found by discovery."""

    def __init__(self, transport: Transport, settings: Settings) -> None:
        self._transport = transport
        self._settings = settings
        self._configuration: JSON = {}
        self._token: Token | None = None
        self._serial = 0
        self._refusals = 0
        self._closed_until = 0.0

    async def configuration(self) -> JSON:
        """Return the SMART configuration of the hospital, asked once.

        Raises:
            Unavailable: the hospital does not answer, or names no token endpoint we may trust.
        """
        if not self._configuration:
            url = f"{self._settings.fhir_base_url}/.well-known/smart-configuration"
            answer = await self._transport.send(lambda: self._transport.build("GET", url, headers=_JSON))
            for name in ("token_endpoint", "introspection_endpoint"):
                if answer.status != 200 or not self._is_trusted(text(answer.content, name)):
                    message = (
                        f"the SMART configuration gives no {name} that is https or on the hospital's host"
                    )
                    raise Unavailable(message)
            self._configuration = answer.content
        return self._configuration

    async def token(self) -> Token:
        """Return the current token, or a new one.

        Raises:
            TokenRefused: after three refusals in a row the server is left in peace for a quarter of an hour.
            Unavailable: the token server gives no usable answer.
        """
        if self._token is not None and time.monotonic() < self._token.renew_at:
            return self._token
        if time.monotonic() < self._closed_until:
            raise TokenRefused("refused too often, waiting")
        endpoint = text(await self.configuration(), "token_endpoint")
        try:
            answer = await self._transport.send(lambda: self.token_request(endpoint))
        except Unavailable:
            self._configuration = {}
            raise
        self._token = self._granted(answer)
        event("token", scope=self._token.scope)
        return self._token

    def forget(self, token: Token) -> None:
        """Stop using a token that the hospital answered 401 to."""
        if self._token is token:
            self._token = None

    async def introspect(self, token: str) -> JSON:
        """Return what the token server says of a token that somebody presented to us.

        Raises:
            Unavailable: no usable answer; the token must then not be believed.
        """
        endpoint = text(await self.configuration(), "introspection_endpoint")
        answer = await self._transport.send(
            lambda: self._transport.build(
                "POST", endpoint, headers=_JSON, form={"token": token, **self._authentication(endpoint)}
            )
        )
        if answer.status != 200:
            self._configuration = {}
            raise Unavailable(f"introspection answered {answer.status}")
        return answer.content

    def token_request(self, endpoint: str) -> httpx.Request:
        """Return a token request; each has its own assertion, a repeated jti would be refused."""
        return self._transport.build("POST", endpoint, headers=_JSON, form=self.form(endpoint))

    def form(self, endpoint: str) -> dict[str, str]:
        """Return the fields of the token request."""
        return {
            "grant_type": "client_credentials",
            "scope": self._settings.scopes,
            **self._authentication(endpoint),
        }

    def _authentication(self, audience: str) -> dict[str, str]:
        # The key is read at each use, so that a rotated key needs no restart.
        key = load_key(self._settings.key_file, self._settings.key_id)
        signed = jwt.encode(self.claims(audience), key.private, key.alg, headers=self.header(key))
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}

    def header(self, key: SigningKey) -> dict[str, str]:
        """Return the header of the assertion."""
        return {"alg": key.alg, "kid": key.kid, "typ": "JWT"}

    def claims(self, audience: str) -> dict[str, object]:
        """Return the claims of the assertion; times are by the hospital's clock."""
        client = self._settings.client_id
        expires = int(self._transport.now().timestamp()) + ASSERTION_LIFE_S
        return {"iss": client, "sub": client, "aud": audience, "exp": expires, "jti": str(uuid.uuid4())}

    def _granted(self, answer: Answer) -> Token:
        value = text(answer.content, "access_token")
        if answer.status != 200 or not value:
            self._configuration = {}
            self._refusals += 1
            error = text(answer.content, "error") or str(answer.status)
            if self._refusals >= MAX_REFUSALS:
                self._refusals = 0
                self._closed_until = time.monotonic() + REST_AFTER_REFUSALS_S
                alert("token_refused", error=error, action="ask the hospital to check our registration")
            raise TokenRefused(error)
        self._refusals = 0
        self._serial += 1
        given = answer.content.get("expires_in")
        life = min(given, MAX_TOKEN_LIFE_S) if isinstance(given, int) and given > 0 else MAX_TOKEN_LIFE_S
        scope = text(answer.content, "scope") or self._settings.scopes
        return Token(value, scope, time.monotonic() + 0.8 * life, self._serial)

    def _is_trusted(self, url: str) -> bool:
        """Accept https, or clear text on the hospital's own host: an assertion goes nowhere else."""
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL:
            return False
        own = httpx.URL(self._settings.fhir_base_url)
        return parsed.scheme == "https" or (parsed.scheme == own.scheme and parsed.host == own.host)


def issues(answer: Answer) -> list[str]:
    """Return the codes and diagnostics of an OperationOutcome, for the log."""
    return [
        f"{text(issue, 'code')}: {text(issue, 'diagnostics')[:200]}"
        for issue in items(answer.content, "issue")[:5]
    ]

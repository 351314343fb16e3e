"""The personas of a plan at work: their tokens, and each arrival turned into a request."""

from urllib.parse import urlencode

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lab.checking.assertion import signed_assertion
from lab.load.arrival import ANONYMOUS, TOKEN, Arrival
from lab.load.engine import Engine
from lab.load.error import LoadError
from lab.load.plan import LoadPlan, Persona, TokenRequest
from lab.load.request import Ask
from lab.load.target import Signer
from lab.load.verify import Answer

_FHIR = "application/fhir+json"
_FORM = "application/x-www-form-urlencoded"

_Sent = tuple[str, str | None, str, str | None]


class Session:
    """Holds the current token of each persona; a token is used until the next one is granted."""

    def __init__(self, plan: LoadPlan, engine: Engine, *, since: str) -> None:
        """Speak for the personas of ``plan``; ``since`` (a FHIR instant) fills the polls.

        Raises:
            LoadError: a static bearer cannot be sent; the message does not show it.
        """
        for persona in plan.personas:
            if persona.bearer is not None and not _sendable(persona.bearer):
                message = f"The bearer of persona {persona.name} must be printable ASCII without spaces."
                raise LoadError(message)
        self._base_url = plan.base_url.rstrip("/")
        self._token_url = plan.token_url
        self._since = since
        self._engine = engine
        # By persona: its requests as they are sent, for as long as its token is the same.
        self._asks: dict[str, dict[_Sent, Ask]] = {}
        self._personas = {persona.name: persona for persona in plan.personas}
        self._tokens = {persona.name: persona.bearer for persona in plan.personas}
        self._before: dict[str, str] = {}
        self._used = dict.fromkeys(self._personas, 0)
        self._keys: dict[str, EllipticCurvePrivateKey] = {}

    def open(self) -> None:
        """Obtain the first token of each persona that asks for one; a refusal shows in what follows."""
        for persona in self._personas.values():
            if persona.token is not None:
                self._renew(persona, persona.token, persona.source)

    def answer(self, arrival: Arrival) -> Answer:
        """Send the request of an arrival and return what came back.

        Raises:
            LoadError: the persona has no assertion left, or is unknown.
        """
        if arrival.route == TOKEN:
            persona = self._personas[arrival.persona]
            if persona.token is None:
                message = f"Persona {persona.name} cannot ask for a token: give it a token request."
                raise LoadError(message)
            return self._renew(persona, persona.token, arrival.source)
        asks = self._asks.get(arrival.persona)
        if asks is None:
            asks = self._asks[arrival.persona] = {}
        key = (arrival.path, arrival.source, arrival.method, arrival.body)
        ask = asks.get(key)
        if ask is None:
            ask = self._ask(arrival)
            if ask is None:
                return Answer(0, failure="no token was granted")
            asks[key] = ask
        return self._engine.exchange(ask)

    def secrets(self) -> tuple[bytes, ...]:
        """Return the tokens that an application may have been shown lately, and may repeat."""
        tokens = (*self._tokens.values(), *self._before.values())
        return tuple(token.encode() for token in tokens if token)

    def _ask(self, arrival: Arrival) -> Ask | None:
        """Return the request of an arrival, None when its persona has no token."""
        headers = {"Accept": _FHIR}
        if arrival.persona != ANONYMOUS and self._personas[arrival.persona].credentialed:
            token = self._tokens[arrival.persona]
            if token is None:
                return None
            headers["Authorization"] = f"Bearer {token}"
        body = None if arrival.body is None else arrival.body.encode()
        if body is not None:
            headers["Content-Type"] = _FHIR
        url = f"{self._base_url}/{arrival.path.replace('{since}', self._since)}"
        return Ask.of(arrival.method, url, headers, body, arrival.source)

    def _renew(self, persona: Persona, request: TokenRequest, source: str | None) -> Answer:
        form = [*request.form]
        if request.signer is not None:
            form.append(("client_assertion", self._sign(request.signer)))
        elif request.assertions:
            form.append(("client_assertion", self._next_assertion(persona, request)))
        headers = {"Accept": "application/json", "Content-Type": _FORM}
        body = urlencode(form).encode()
        answer = self._engine.exchange(Ask.of("POST", self._token_url or "", headers, body, source))
        token = _access_token(answer)
        if token is not None:
            if old := self._tokens[persona.name]:
                self._before[persona.name] = old
            self._tokens[persona.name] = token
            self._asks.pop(persona.name, None)
        return answer

    def _sign(self, signer: Signer) -> str:
        """Return an assertion signed now: one that was signed before a long run would be too old."""
        if signer.key not in self._keys:
            key = load_pem_private_key(signer.key.encode(), password=None)
            if not isinstance(key, EllipticCurvePrivateKey):
                message = f"The key of client {signer.client_id} must be an EC key, for ES384."
                raise LoadError(message)
            self._keys[signer.key] = key
        return signed_assertion(signer.client_id, signer.audience, self._keys[signer.key], signer.kid)

    def _next_assertion(self, persona: Persona, request: TokenRequest) -> str:
        used = self._used[persona.name]
        if used == len(request.assertions):
            message = (
                f"Persona {persona.name} has used its {used} client assertions: mint more for this plan."
            )
            raise LoadError(message)
        self._used[persona.name] = used + 1
        return request.assertions[used]


def _access_token(answer: Answer) -> str | None:
    if answer.status != 200:
        return None
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    token = body.get("access_token") if isinstance(body, dict) else None
    return token if isinstance(token, str) and _sendable(token) else None


def _sendable(token: str) -> bool:
    """Whether a header may carry it (RFC 6750 section 2.1); http.client would quote it in its complaint."""
    return token.isascii() and token.isprintable() and token != "" and " " not in token

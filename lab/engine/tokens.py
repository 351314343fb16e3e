"""The tokens of personas: asked for when first needed, renewed before they expire, never in a check's record.

Specs: SMART Backend Services (private_key_jwt) and RFC 6749 section 4.4 (client secret).
"""

import time
from urllib.parse import urlencode

from lab.checking.narrowing import TokenRefused
from lab.checking.smart import SmartEndpoint
from lab.engine.plan import Access
from lab.engine.replay import ReplayWire
from lab.engine.wire import LiveWire
from lab.fhir.client import Outgoing
from lab.fhir.reply import Reply
from lab.model.text import Text

_EARLY_S = 30
_USUAL_S = 300.0
_FORM = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"))


class TokenSource:
    """Gives the Authorization header of one persona; ``granted`` are the scopes of its last token."""

    def __init__(self, name: str, access: Access, wire: LiveWire | ReplayWire) -> None:
        self.granted = access.scopes
        self._name = name
        self._access = access
        self._wire = wire
        self._header = ""
        self._renew_at = 0.0

    def __call__(self) -> str:
        """Return the header value; empty for a persona that has no token.

        Raises:
            TokenRefused: the endpoint gave none, so that nothing can be shown in this persona's name.
        """
        if not self._access.token_url:
            return ""
        if isinstance(self._wire, ReplayWire):
            return self._replayed(self._wire)
        if time.monotonic() >= self._renew_at:
            self._ask()
        return self._header

    def _replayed(self, wire: ReplayWire) -> str:
        """Read again what the endpoint had said: a refusal ended a check then, and must again."""
        if not self._header:
            said = wire.token(f"token:{self._name}")
            if said is not None:
                self._take(said)
            self._header = "Bearer replayed"
        return self._header

    def _ask(self) -> None:
        check, self._wire.check = self._wire.check, f"token:{self._name}"
        try:
            reply = self._reply()
        finally:
            self._wire.check = check
        self._take(reply)

    def _take(self, reply: Reply) -> None:
        answer = reply.json if isinstance(reply.json, dict) else {}
        token = answer.get("access_token")
        if reply.status != 200 or not isinstance(token, str):
            seen = f"HTTP {reply.status}" if reply.status else reply.error
            raise TokenRefused(
                Text(
                    fr=f"L'identité {self._name} n'a pas obtenu de jeton ({seen}).",
                    en=f"The identity {self._name} got no token ({seen}).",
                ),
                reply,
            )
        said = answer.get("scope")
        self.granted = said if isinstance(said, str) and said else self._access.scopes
        lifetime = answer.get("expires_in")
        lasts = float(lifetime) if isinstance(lifetime, int | float) else _USUAL_S
        self._header = f"Bearer {token}"
        self._renew_at = time.monotonic() + max(1.0, lasts - _EARLY_S)

    def _reply(self) -> Reply:
        access = self._access
        if access.key:
            return SmartEndpoint(
                access.token_url, access.client_id, access.scopes, access.key, access.kid, self._wire
            ).ask()
        form = {
            "grant_type": "client_credentials",
            "client_id": access.client_id,
            "client_secret": access.secret,
            "scope": access.scopes,
        }
        return self._wire.send(Outgoing("POST", access.token_url, _FORM, urlencode(form).encode()))

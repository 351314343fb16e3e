"""Issue, look up and revoke opaque access tokens; only their digest is kept."""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from lab.fhir.scopes import Scopes

LIFETIME_S = 300


@dataclass(frozen=True)
class Grant:
    """What an access token opens, until ``expires`` (seconds since the epoch).

    ``probing`` marks a token that the laboratory took with its own key, in the name of the application.
    """

    client_id: str
    scopes: Scopes
    expires: float
    probing: bool = False


class Tokens:
    """The access tokens in force."""

    def __init__(self, clock: Callable[[], float] = time.time, lifetime_s: int = LIFETIME_S) -> None:
        self._clock = clock
        self._grants: dict[str, Grant] = {}
        self._lock = threading.Lock()
        self.lifetime_s = lifetime_s

    def issue(self, client_id: str, scopes: Scopes, *, probing: bool = False) -> str:
        """Return a new token for the application."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        grant = Grant(client_id, scopes, now + self.lifetime_s, probing)
        with self._lock:
            self._grants = {key: known for key, known in self._grants.items() if known.expires > now}
            self._grants[_digest(token)] = grant
        return token

    def grant(self, token: str) -> Grant | None:
        """Return what the token opens, or None when it is unknown, expired or revoked."""
        with self._lock:
            grant = self._grants.get(_digest(token))
        return grant if grant and grant.expires > self._clock() else None

    def revoke(self, client_id: str) -> None:
        """Revoke the tokens that the application took itself, effective on the next request."""
        with self._lock:
            self._grants = {
                key: grant
                for key, grant in self._grants.items()
                if grant.client_id != client_id or grant.probing
            }


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

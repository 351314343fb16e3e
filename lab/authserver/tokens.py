"""Issue, look up and revoke opaque access tokens; only their digest is kept."""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from lab.authserver.state import State
from lab.fhir.scopes import ScopeError, Scopes, parse_scopes
from lab.model.release import Release

LIFETIME_S = 300
_SWEEP_S = 10
_INSERT = (
    "insert into token(digest, client, scopes, issued, expires, probing, certificate) "
    "values (?, ?, ?, ?, ?, ?, ?)"
)
_SELECT = "select client, scopes, expires, probing, issued, certificate from token where digest = ?"


@dataclass(frozen=True)
class Grant:
    """What an access token opens, until ``expires`` (seconds since the epoch).

    ``probing`` marks a token that the laboratory took with its own key, in the name of the application.
    ``certificate`` is the thumbprint of the only client certificate that may use the token; empty for a
    bearer token.
    """

    client_id: str
    scopes: Scopes
    expires: float
    probing: bool = False
    issued: float = 0.0
    certificate: str = ""


class Tokens:
    """The access tokens in force, shared by the processes that share a state."""

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        lifetime_s: int = LIFETIME_S,
        state: State | None = None,
        release: Release = "R4",
    ) -> None:
        self._release = release
        self._clock = clock
        self._state = state or State()
        self._grants: dict[str, Grant] = {}
        self._version = 0
        self._swept = 0.0
        self._lock = threading.Lock()
        self.lifetime_s = lifetime_s

    def issue(
        self,
        client_id: str,
        scopes: Scopes,
        *,
        probing: bool = False,
        certificate: str = "",
        lifetime_s: int = 0,
    ) -> str:
        """Return a new token for the application, bound to a client certificate when one is given.

        ``lifetime_s`` is its own lifetime, where it is not that of all the others.

        Raises:
            StateUnavailableError: the token cannot be kept.
        """
        token = secrets.token_urlsafe(32)
        now = self._clock()
        grant = Grant(client_id, scopes, now + (lifetime_s or self.lifetime_s), probing, now, certificate)
        digest = _digest(token)
        values = (digest, client_id, str(scopes), now, grant.expires, probing, certificate)
        with self._lock:
            self._state.write(("delete from token where expires <= ?", (now,)), (_INSERT, values))
            if now >= self._swept + _SWEEP_S:
                self._grants = {key: known for key, known in self._grants.items() if known.expires > now}
                self._swept = now
            self._grants[digest] = grant
        return token

    def grant(self, token: str) -> Grant | None:
        """Return what the token opens, or None when it is unknown, expired or revoked.

        Raises:
            StateUnavailableError: nobody can tell.
        """
        digest = _digest(token)
        with self._lock:
            version = self._state.version()
            if version != self._version:
                self._grants, self._version = {}, version
            grant = self._grants.get(digest)
            if grant is None:
                grant = self._read(digest)
        return grant if grant and grant.expires > self._clock() else None

    def revoke(self, client_id: str) -> None:
        """Revoke the tokens that the application took itself, effective on the next request.

        Raises:
            StateUnavailableError: they could not be revoked.
        """
        self._delete("client = ? and not probing", client_id)

    def revoke_one(self, token: str, client_id: str) -> None:
        """Revoke one token of the application; another's, or an unknown one, is left alone.

        Raises:
            StateUnavailableError: it could not be revoked.
        """
        self._delete("digest = ? and client = ?", _digest(token), client_id)

    def _delete(self, which: str, *values: str) -> None:
        with self._lock:
            self._state.write((f"delete from token where {which}", values), durable=True)  # noqa: S608 - ours
            self._grants = {}

    def _read(self, digest: str) -> Grant | None:
        for client, scopes, expires, probing, issued, certificate in self._state.rows(_SELECT, (digest,)):
            try:
                read = parse_scopes(scopes, self._release)
            except ScopeError:  # a file that somebody wrote in: it opens nothing
                return None
            grant = Grant(client, read, expires, bool(probing), issued, certificate)
            self._grants[digest] = grant
            return grant
        return None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

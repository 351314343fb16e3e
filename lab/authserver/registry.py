"""The applications that the hospital knows: their keys, their scopes and their policy."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.authserver.rate_limit import Rate
from lab.authserver.state import State
from lab.fhir.policy import Network, Policy
from lab.fhir.scopes import Scopes

LABORATORY_KID, LABORATORY_RSA_KID = "laboratory", "laboratory-rsa"
LABORATORY_KIDS = frozenset({LABORATORY_KID, LABORATORY_RSA_KID})
"""The kid of the key that the laboratory adds to a client to test its grant without its secret."""


@dataclass(frozen=True)
class Registration:
    """One application; ``jwks`` is a set of public keys, ``jwks_file`` and ``jwks_url`` add more.

    ``page_limit`` caps the pages that the application itself is given, so that it has to follow links.
    ``certificate_bound`` demands a client certificate (RFC 8705) for its tokens and for their use;
    ``resource_server`` lets it introspect tokens of others. No ``rate`` is no limit.
    """

    client_id: str
    jwks: Mapping[str, Any]
    scopes: Scopes
    policy: Policy
    purpose: str = "TREAT"
    page_limit: int | None = None
    jwks_file: str = ""
    jwks_url: str = ""
    certificate_bound: bool = False
    resource_server: bool = False
    rate: Rate | None = None


@dataclass(frozen=True)
class _Enabled:
    """The applications that are not disabled, as of one version of the state."""

    version: int
    known: Mapping[str, Registration] = field(default_factory=dict)
    policies: tuple[Policy, ...] = ()
    networks: tuple[Network, ...] = ()


class Registry:
    """The registered applications; disabling one takes effect on the very next request of every worker."""

    def __init__(self, registrations: Iterable[Registration], state: State | None = None) -> None:
        """Note who is registered in the state; who was disabled there stays so.

        Raises:
            StateUnavailableError: the state cannot be written.
        """
        self._known = {registration.client_id: registration for registration in registrations}
        self._state = state or State()
        self._lock = threading.Lock()
        insert = "insert or ignore into application(id, disabled) values (?, 0)"
        if self._known:
            self._state.write(*((insert, (client_id,)) for client_id in self._known))
        self._enabled = self._read()

    @property
    def registrations(self) -> tuple[Registration, ...]:
        """Return every application, disabled or not."""
        return tuple(self._known.values())

    def registered(self, client_id: str) -> bool:
        """Tell whether the application is registered, disabled or not; this needs no state."""
        return client_id in self._known

    def get(self, client_id: str) -> Registration | None:
        """Return an application that is known and not disabled.

        Raises:
            StateUnavailableError: nobody can tell.
        """
        return self._current().known.get(client_id)

    def disable(self, client_id: str) -> None:
        """Refuse the application from now on.

        Raises:
            StateUnavailableError: it could not be disabled.
        """
        self._mark(client_id, disabled=1)

    def enable(self, client_id: str) -> None:
        """Let a disabled application in again.

        Raises:
            StateUnavailableError: it could not be enabled.
        """
        self._mark(client_id, disabled=0)

    def policies(self) -> tuple[Policy, ...]:
        """Return the policy of every enabled application.

        Raises:
            StateUnavailableError: nobody can tell.
        """
        return self._current().policies

    def networks(self) -> tuple[Network, ...]:
        """Return every network that some enabled application may call from.

        Raises:
            StateUnavailableError: nobody can tell.
        """
        return self._current().networks

    def _current(self) -> _Enabled:
        if self._state.version() != self._enabled.version:
            with self._lock:
                self._enabled = self._read()
        return self._enabled

    def _read(self) -> _Enabled:
        version = self._state.version()  # first: what is written meanwhile will be read again
        disabled = {id_ for (id_,) in self._state.rows("select id from application where disabled")}
        known = {id_: one for id_, one in self._known.items() if id_ not in disabled}
        policies = tuple(one.policy for one in known.values())
        networks = tuple(dict.fromkeys(network for policy in policies for network in policy.networks))
        return _Enabled(version, known, policies, networks)

    def _mark(self, client_id: str, disabled: int) -> None:
        upsert = (
            "insert into application values (?, ?) on conflict do update set disabled = excluded.disabled"
        )
        with self._lock:
            self._state.write((upsert, (client_id, disabled)), durable=True)
            self._enabled = self._read()

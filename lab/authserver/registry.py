"""The applications that the hospital knows: their keys, their scopes and their policy."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jwt import PyJWK

from lab.fhir.permission import Policy
from lab.fhir.scopes import Scopes

LABORATORY_KID = "laboratory"
"""The kid of the key that the laboratory adds to a client to test its grant without its secret."""


@dataclass(frozen=True)
class Registration:
    """One application; ``jwks`` is a JSON Web Key Set of public keys.

    ``page_limit`` caps the pages that the application itself is given, so that it has to follow links.
    """

    client_id: str
    jwks: Mapping[str, Any]
    scopes: Scopes
    policy: Policy
    purpose: str = "TREAT"
    page_limit: int | None = None

    def key(self, kid: str) -> PyJWK | None:
        """Return the registered key of that id; a key without a kid is never guessed."""
        for jwk in self.jwks.get("keys", []):
            if jwk.get("kid") == kid:
                return PyJWK(jwk)
        return None


class Registry:
    """The registered applications; disabling one takes effect on the very next request."""

    def __init__(self, registrations: Iterable[Registration]) -> None:
        self._known = {registration.client_id: registration for registration in registrations}
        self._disabled: set[str] = set()
        self._lock = threading.Lock()

    def get(self, client_id: str) -> Registration | None:
        """Return an application that is known and not disabled."""
        with self._lock:
            return None if client_id in self._disabled else self._known.get(client_id)

    def disable(self, client_id: str) -> None:
        """Refuse the application from now on."""
        with self._lock:
            self._disabled.add(client_id)

    def policies(self) -> tuple[Policy, ...]:
        """Return the policy of every enabled application."""
        with self._lock:
            return tuple(r.policy for id_, r in self._known.items() if id_ not in self._disabled)

"""The keys that applications publish outside their registration: in a file, at an address, or both.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html (registering a JWKS)
"""

import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lab.authserver.json_web_key import named
from lab.authserver.key_address import KeyAddress
from lab.authserver.key_file import NO_KEYS, KeyFile
from lab.authserver.registry import LABORATORY_KIDS, Registration


class KeyRing:
    """The files and the addresses of the registered applications, each with what was read of it."""

    def __init__(
        self, registrations: Iterable[Registration] = (), trusted: ssl.SSLContext | None = None
    ) -> None:
        """Keep where to look; ``trusted`` verifies the addresses in place of the public authorities.

        Raises:
            ValueError: an address is neither https nor on this machine.
        """
        known = tuple(registrations)
        self._files = {one.client_id: KeyFile(Path(one.jwks_file)) for one in known if one.jwks_file}
        self._addresses = {one.client_id: KeyAddress(one.jwks_url, trusted) for one in known if one.jwks_url}

    async def published(self, client_id: str, kid: str) -> Mapping[str, Any]:
        """Return the keys of that id that the application publishes.

        The laboratory's keys are only ever registered: an application that publishes one under their names
        would pass for the laboratory.
        """
        if kid in LABORATORY_KIDS:
            return NO_KEYS
        found = []
        if client_id in self._files:
            found += named(self._files[client_id].keys(), kid)
        if not found and client_id in self._addresses:
            found += named(await self._addresses[client_id].keys(kid), kid)
        return {"keys": found}

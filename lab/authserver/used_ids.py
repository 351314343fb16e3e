"""The jti values already seen, kept until the assertion that carried them would have expired.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html (jti)
"""

import hashlib
import time
from collections.abc import Callable

from lab.authserver.state import State


class UsedIds:
    """The (issuer, jti) pairs seen by the processes that share a state."""

    def __init__(self, clock: Callable[[], float] = time.time, state: State | None = None) -> None:
        self._clock = clock
        self._state = state or State()

    def take(self, issuer: str, jti: str, expires: float) -> bool:
        """Remember the pair; tell whether it was new. Atomic: of two racing callers one gets True.

        Raises:
            StateUnavailableError: nobody can tell.
        """
        # Each part by its own digest, so that no two pairs are written alike; any text may be a jti.
        digest = "".join(
            hashlib.sha256(part.encode("utf-8", "surrogatepass")).hexdigest() for part in (issuer, jti)
        )
        taken = self._state.write(
            ("delete from used where expires <= ?", (self._clock(),)),
            ("insert or ignore into used(digest, expires) values (?, ?)", (digest, expires)),
        )
        return taken == 1

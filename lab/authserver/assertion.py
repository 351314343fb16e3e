"""Verify a client assertion, with the four checks that JWT libraries leave out.

The four: exp at most 5 minutes ahead, jti never seen, iss = sub = a registered client, aud exactly ours.
Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html
"""

import threading
import time
from collections.abc import Callable

import jwt

from lab.authserver.registry import Registration, Registry

ALGORITHMS = ("RS384", "ES384")
MAX_LIFETIME_S = 300
MAX_LENGTH = 16_384


class AssertionRefused(Exception):  # noqa: N818 - a refusal, answered with invalid_client
    """An assertion that authenticates nobody; the reason is for the operator's journal, not the caller."""


class UsedIds:
    """The jti values already seen, kept until the assertion that carried them would have expired."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._expiry: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def take(self, issuer: str, jti: str, expires: float) -> bool:
        """Remember the pair; tell whether it was new. Atomic: of two racing callers one gets True."""
        now = self._clock()
        with self._lock:
            self._expiry = {pair: until for pair, until in self._expiry.items() if until > now}
            if (issuer, jti) in self._expiry:
                return False
            self._expiry[issuer, jti] = expires
            return True


def verify(  # noqa: C901 - a flat list of refusals
    assertion: str,
    *,
    registry: Registry,
    audience: str,
    used: UsedIds,
    clock: Callable[[], float] = time.time,
) -> tuple[Registration, str]:
    """Return the application that signed the assertion and the kid of its key.

    Raises:
        AssertionRefused: with the reason, for the journal.
    """
    if len(assertion) > MAX_LENGTH:
        raise AssertionRefused("longer than 16 KiB")
    try:
        header = jwt.get_unverified_header(assertion)
        claimed = jwt.decode(assertion, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise AssertionRefused("not a JSON Web Token") from None
    if header.get("alg") not in ALGORITHMS:
        raise AssertionRefused(f"alg is not one of {', '.join(ALGORITHMS)}")
    if "jku" in header:
        raise AssertionRefused("jku is no address registered for the application")
    issuer = claimed.get("iss")
    registration = registry.get(issuer) if isinstance(issuer, str) else None
    if registration is None:
        raise AssertionRefused("iss is no registered application")
    try:
        key = registration.key(str(header.get("kid", "")))
    except jwt.PyJWTError:
        raise AssertionRefused("the registered key of that kid cannot be used") from None
    if key is None:
        raise AssertionRefused("kid is no registered key of the application")
    try:
        claims = jwt.decode(
            assertion,
            key,
            algorithms=list(ALGORITHMS),
            audience=audience,
            options={"require": ["iss", "sub", "aud", "exp", "jti"], "strict_aud": True},
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
        raise AssertionRefused(f"signature or claims: {type(error).__name__}") from None
    if claims["sub"] != issuer:
        raise AssertionRefused("iss and sub differ")
    if not isinstance(claims["exp"], int | float) or claims["exp"] > clock() + MAX_LIFETIME_S:
        raise AssertionRefused("exp is more than 5 minutes ahead")
    if not isinstance(claims["jti"], str) or not claims["jti"]:
        raise AssertionRefused("jti is not a string")
    if not used.take(issuer, claims["jti"], claims["exp"]):
        raise AssertionRefused("jti was already used")
    return registration, str(header["kid"])

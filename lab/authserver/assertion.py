"""Verify a client assertion, with the four checks that JWT libraries leave out.

The four: exp at most 5 minutes ahead, jti never seen, iss = sub = a registered client, aud exactly ours.
Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from lab.authserver.json_web_key import ALGORITHMS, KeyRefusedError, named, public_key
from lab.authserver.key_file import NO_KEYS
from lab.authserver.registry import Registration, Registry
from lab.authserver.used_ids import UsedIds

__all__ = ["ALGORITHMS", "AssertionRefused", "UsedIds", "claimed", "verify"]

MAX_LIFETIME_S = 300
MAX_LENGTH = 16_384


class AssertionRefused(Exception):  # noqa: N818 - a refusal, answered with invalid_client
    """An assertion that authenticates nobody; the reason is for the operator's journal, not the caller."""


@dataclass(frozen=True)
class Claimed:
    """What an assertion says before anything of it is believed: whose it is, and by which key."""

    registration: Registration
    kid: str
    algorithm: str


def claimed(assertion: str, registry: Registry) -> Claimed:
    """Return who signed the assertion, if its signature holds.

    Raises:
        AssertionRefused: it cannot be the assertion of a registered application.
        StateUnavailableError: nobody can tell who is registered.
    """
    if len(assertion) > MAX_LENGTH:
        raise AssertionRefused("longer than 16 KiB")
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise AssertionRefused("not a JSON Web Token") from None
    algorithm, issuer = header.get("alg"), claims.get("iss")
    if algorithm not in ALGORITHMS:
        raise AssertionRefused(f"alg is not one of {', '.join(ALGORITHMS)}")
    registration = registry.get(issuer) if isinstance(issuer, str) else None
    address = registration.jwks_url if registration else ""
    if "jku" in header and (not address or header["jku"] != address):
        raise AssertionRefused("jku is no address registered for the application")
    if registration is None:
        raise AssertionRefused("iss is no registered application")
    return Claimed(registration, str(header.get("kid", "")), algorithm)


def verify(
    assertion: str,
    *,
    registry: Registry,
    audience: str,
    used: UsedIds,
    published: Mapping[str, Any] = NO_KEYS,
    clock: Callable[[], float] = time.time,
) -> tuple[Registration, str]:
    """Return the application that signed the assertion and the kid of its key.

    ``published`` are keys of the application that stand outside its registration.

    Raises:
        AssertionRefused: with the reason, for the journal.
        StateUnavailableError: nobody can tell who is registered, or which jti was seen.
    """
    by = claimed(assertion, registry)
    keys = [*named(by.registration.jwks, by.kid), *named(published, by.kid)]
    if not keys:
        raise AssertionRefused("kid is no registered key of the application")
    try:
        key = public_key(keys[0], by.algorithm)
    except KeyRefusedError as error:
        raise AssertionRefused(str(error)) from None
    try:
        claims = jwt.decode(
            assertion,
            key,
            algorithms=[by.algorithm],
            audience=audience,
            options={"require": ["iss", "sub", "aud", "exp", "jti"], "strict_aud": True},
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
        raise AssertionRefused(f"signature or claims: {type(error).__name__}") from None
    _refuse_claims(claims, by.registration.client_id, clock())
    if not used.take(by.registration.client_id, claims["jti"], claims["exp"]):
        raise AssertionRefused("jti was already used")
    return by.registration, by.kid


def _refuse_claims(claims: Mapping[str, Any], issuer: str, now: float) -> None:
    """Refuse what the library lets through."""
    if claims["sub"] != issuer:
        raise AssertionRefused("iss and sub differ")
    if not all(_is_date(claims[name]) for name in ("iat", "nbf") if name in claims):
        raise AssertionRefused("iat or nbf is not a number")
    if not _is_date(claims["exp"]) or claims["exp"] > now + MAX_LIFETIME_S:
        raise AssertionRefused("exp is more than 5 minutes ahead")
    if not isinstance(claims["jti"], str) or not claims["jti"]:
        raise AssertionRefused("jti is not a string")


def _is_date(value: object) -> bool:
    """Tell whether a claim is a NumericDate; the library also takes texts and booleans for numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool)

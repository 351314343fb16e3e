"""Find the public key of a key set that an assertion names, and refuse what is no key to verify with.

Specs: RFC 7517 (JWK), RFC 7518 sections 6.2 and 6.3 (EC and RSA keys)
"""

from collections.abc import Mapping
from typing import Any

import jwt
from jwt import PyJWK

_KINDS = {"RS384": "RSA", "ES384": "EC"}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_LEAST_RSA_BITS = 2048
ALGORITHMS = tuple(_KINDS)


class KeyRefusedError(ValueError):
    """A key that verifies nothing; the sentence is for the operator's journal."""


def named(jwks: Mapping[str, Any], kid: str) -> list[Mapping[str, Any]]:
    """Return the keys of that id; a key without a kid is never guessed."""
    keys = jwks.get("keys")
    if not isinstance(keys, list):
        return []
    return [jwk for jwk in keys if isinstance(jwk, Mapping) and kid and jwk.get("kid") == kid]


def public_key(jwk: Mapping[str, Any], algorithm: str) -> PyJWK:
    """Return the key, ready to verify signatures of that algorithm.

    Raises:
        KeyRefusedError: it is not a sound public key for the algorithm.
    """
    if jwk.get("kty") != _KINDS[algorithm]:
        raise KeyRefusedError(f"the registered key is no {_KINDS[algorithm]} key")
    if _PRIVATE & jwk.keys():
        raise KeyRefusedError("the registered key is published with its private part")
    if jwk.get("use", "sig") != "sig":
        raise KeyRefusedError("the registered key is not for signatures")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise KeyRefusedError("the registered key is not for verifying")
    if jwk.get("alg", algorithm) != algorithm:
        raise KeyRefusedError("the registered key is for another algorithm")
    if jwk["kty"] == "EC" and jwk.get("crv") != "P-384":
        raise KeyRefusedError("the registered key is not on the curve P-384")
    try:
        key = PyJWK(dict(jwk), algorithm=algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise KeyRefusedError("the registered key of that kid cannot be used") from None
    if getattr(key.key, "key_size", 0) < _LEAST_RSA_BITS and jwk["kty"] == "RSA":
        raise KeyRefusedError(f"the registered key has less than {_LEAST_RSA_BITS} bits")
    return key

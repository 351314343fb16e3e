"""Client assertions that no honest library would sign: the bytes of each part are ours.

Specs: RFC 7515 (JWS), RFC 7518 section 3.2 (HS256) and 3.4 (ES384)
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from lab.api import SmartEndpoint

Sign = Callable[[bytes], bytes]
_HALF = 48
"""Bytes of each number of a P-384 signature."""
_STRANGER = ec.derive_private_key(0x1AB_5EC_0DE, ec.SECP384R1())
"""A key that no application knows, always the same one."""


def claims_of(endpoint: SmartEndpoint) -> dict[str, Any]:
    """Return the claims of a right assertion, each time with a new jti."""
    return dict(jwt.decode(endpoint.assertion(), options={"verify_signature": False}))


def forged(header: Mapping[str, Any], claims: Mapping[str, Any], sign: Sign) -> str:
    """Return the compact form of a token, signed in that way whatever its header says."""
    signed = f"{_encoded(_json(header))}.{_encoded(_json(claims))}"
    return f"{signed}.{_encoded(sign(signed.encode()))}"


def unsigned(_: bytes) -> bytes:
    """Sign nothing."""
    return b""


def by_secret(secret: bytes) -> Sign:
    """Return the signature of HS256 under a secret."""
    return lambda signed: hmac.new(secret, signed, hashlib.sha256).digest()


def by_key(pem: str) -> Sign:
    """Return the signature of ES384 under a private key."""
    key = load_pem_private_key(pem.encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(pem.partition("\n")[0])
    return lambda signed: _es384(key, signed)


def by_stranger(signed: bytes) -> bytes:
    """Sign by ES384 under a key that nobody knows."""
    return _es384(_STRANGER, signed)


def stranger_pem() -> str:
    """Return that key as a PEM text."""
    return _STRANGER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(pem: str) -> bytes:
    """Return the public part of a private key as the PEM text that servers keep."""
    key = load_pem_private_key(pem.encode(), None)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _es384(key: ec.EllipticCurvePrivateKey, signed: bytes) -> bytes:
    r, s = utils.decode_dss_signature(key.sign(signed, ec.ECDSA(SHA384())))
    return r.to_bytes(_HALF) + s.to_bytes(_HALF)


def _json(part: Mapping[str, Any]) -> bytes:
    return json.dumps(part, separators=(",", ":")).encode()


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()

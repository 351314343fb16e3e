"""The private key that proves who we are, read from a JWK, JWK Set or PEM file.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

_ALGORITHMS = {"RSA": "RS384", "EC": "ES384"}
_THUMBPRINT = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}


class KeyFileError(ValueError):
    """One sentence: what was expected of the key file, what was seen."""


@dataclass(frozen=True)
class SigningKey:
    """A private key with the id and the algorithm that the header of an assertion announces."""

    private: Any = field(repr=False)
    kid: str
    alg: str


def published(key: SigningKey) -> dict[str, Any]:
    """Return the JWK Set that the hospital verifies our assertions with: the public half, and no more."""
    algorithm = RSAAlgorithm if isinstance(key.private, RSAPrivateKey) else ECAlgorithm
    public = dict(algorithm.to_jwk(key.private.public_key(), as_dict=True))
    return {"keys": [{**public, "kid": key.kid, "alg": key.alg, "use": "sig", "key_ops": ["verify"]}]}


def load_key(path: Path, kid: str = "") -> SigningKey:
    """Read the key. Without a kid, in the file or given, it is the RFC 7638 thumbprint.

    Raises:
        KeyFileError: the file is missing, or holds no RSA or P-384 private key.
    """
    try:
        content = path.read_bytes()
        jwk = _from_pem(content) if content.lstrip().startswith(b"-----") else _from_json(content)
        private = jwt.PyJWK(jwk, _ALGORITHMS[jwk["kty"]]).key
    except (OSError, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError):
        message = "BOARD_KEY_FILE: expected a private RSA or P-384 key, as JWK or PEM; the file holds none."
        raise KeyFileError(message) from None
    if "d" not in jwk:
        message = "BOARD_KEY_FILE holds a public key: expected the private one."
        raise KeyFileError(message)
    return SigningKey(private, kid or jwk.get("kid") or _thumbprint(jwk), _ALGORITHMS[jwk["kty"]])


def _from_json(content: bytes) -> dict[str, Any]:
    document = json.loads(content)
    keys = [key for key in document.get("keys", [document]) if "d" in key]
    return dict(keys[0] if keys else document)


def _from_pem(content: bytes) -> dict[str, Any]:
    key: Any = load_pem_private_key(content, password=None)
    algorithm = RSAAlgorithm if isinstance(key, RSAPrivateKey) else ECAlgorithm
    return dict(algorithm.to_jwk(key, as_dict=True))


def _thumbprint(jwk: dict[str, Any]) -> str:
    members = {name: jwk[name] for name in _THUMBPRINT[jwk["kty"]]}
    digest = hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

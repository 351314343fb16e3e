"""Make key pairs for SMART clients (ES384, RS384), public part as a JSON Web Key.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

_RSA_BITS = 2048
"""The least that a server accepts; made anew for each run, which it does not outlive."""


@dataclass(frozen=True)
class KeyPair:
    """``private`` is a PEM text, ``public`` a JWK and ``private_jwk`` the whole key as a JWK.

    ``rsa`` is the pair of the same signer for RS384, where it has one beside its own for ES384.
    """

    kid: str
    private: str
    public: dict[str, Any]
    private_jwk: dict[str, Any]
    rsa: "KeyPair | None" = None

    @property
    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """Return the public keys of the signer, as a JWK Set."""
        return {"keys": [self.public, *([self.rsa.public] if self.rsa else [])]}


def new_key(kid: str) -> KeyPair:
    """Return a new P-384 key pair under that key id."""
    key = ec.generate_private_key(ec.SECP384R1())
    return _pair(kid, "ES384", key, ECAlgorithm.to_jwk(key.public_key()), ECAlgorithm.to_jwk(key))


def new_rsa_key(kid: str) -> KeyPair:
    """Return a new RSA key pair under that key id."""
    key = rsa.generate_private_key(65537, _RSA_BITS)
    return _pair(kid, "RS384", key, RSAAlgorithm.to_jwk(key.public_key()), RSAAlgorithm.to_jwk(key))


def new_pairs(kid: str, rsa_kid: str) -> KeyPair:
    """Return the new key pairs of one signer, who signs by either algorithm."""
    return replace(new_key(kid), rsa=new_rsa_key(rsa_kid))


def _pair(
    kid: str, algorithm: str, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, public: str, private: str
) -> KeyPair:
    """Return a pair of which ``public`` and ``private`` are the JWKs, as JSON."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    marks = {"kid": kid, "alg": algorithm, "use": "sig"}
    return KeyPair(kid, pem, {**json.loads(public), **marks}, {**json.loads(private), **marks})

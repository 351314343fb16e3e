"""Make key pairs for SMART clients (ES384), public part as a JSON Web Key.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html
"""

import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import ECAlgorithm


@dataclass(frozen=True)
class KeyPair:
    """``private`` is a PEM text, ``public`` a JWK and ``private_jwk`` the whole key as a JWK."""

    kid: str
    private: str
    public: dict[str, Any]
    private_jwk: dict[str, Any]


def new_key(kid: str) -> KeyPair:
    """Return a new P-384 key pair under that key id."""
    key = ec.generate_private_key(ec.SECP384R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    marks = {"kid": kid, "alg": "ES384", "use": "sig"}
    public = json.loads(ECAlgorithm.to_jwk(key.public_key()))
    private = json.loads(ECAlgorithm.to_jwk(key))
    return KeyPair(kid, pem, {**public, **marks}, {**private, **marks})

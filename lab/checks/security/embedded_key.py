"""A stranger's public key in the forms that a token header can carry it: jwk and x5c.

Spec: RFC 7515 sections 4.1.3 and 4.1.6
"""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from jwt.algorithms import ECAlgorithm

from lab.checks.security.forged import stranger_pem

_FROM, _TO = datetime(2024, 1, 1, tzinfo=UTC), datetime(2044, 1, 1, tzinfo=UTC)


def embedded_jwk(kid: str) -> dict[str, Any]:
    """Return the stranger's public key as a JWK under that key id."""
    public = json.loads(ECAlgorithm.to_jwk(_stranger().public_key()))
    return {**public, "kid": kid, "alg": "ES384", "use": "sig"}


def embedded_certificate(name: str) -> list[str]:
    """Return a certificate chain of one, self-signed by the stranger in somebody's name."""
    key = _stranger()
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64] or "lab")])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 1, _FROM, _TO)
    return [base64.b64encode(builder.sign(key, SHA384()).public_bytes(Encoding.DER)).decode()]


def _stranger() -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(stranger_pem().encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(type(key))
    return key

"""Sign the client assertion of a SMART backend service: one token request, a few minutes.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html
"""

import time
import uuid
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

ALGORITHM = "ES384"
_LIFETIME_S = 240


def signed_assertion(
    client_id: str,
    audience: str,
    key: str | EllipticCurvePrivateKey,
    kid: str,
    claims: Mapping[str, Any] | None = None,
    headers: Mapping[str, Any] | None = None,
    algorithm: str = ALGORITHM,
) -> str:
    """Return a signed assertion, right unless ``claims`` or ``headers`` replace parts of it."""
    now = int(time.time())
    said = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": now,
        "exp": now + _LIFETIME_S,
        "jti": str(uuid.uuid4()),
        **(claims or {}),
    }
    return jwt.encode(said, key, algorithm=algorithm, headers={"kid": kid, **(headers or {})})

"""The certificate that a client showed to the TLS listener, by its thumbprint.

Specs: RFC 8705 section 3.1 (``x5t#S256``), https://asgi.readthedocs.io/en/latest/specs/tls.html
"""

import base64
import hashlib
import ssl
from collections.abc import Mapping
from typing import Any


def thumbprint(scope: Mapping[str, Any]) -> str:
    """Return the base64url SHA-256 of the client's certificate, an empty text when it showed none."""
    chain = scope.get("extensions", {}).get("tls", {}).get("client_cert_chain", ())
    for pem in chain:
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return ""

"""HTTP over TLS that tells the application which certificate the client showed.

uvicorn leaves the certificate out of the ASGI scope.
Spec: https://asgi.readthedocs.io/en/latest/specs/tls.html
"""

import asyncio
import ssl
from typing import Any

from lab.fhirserver.http_protocol import HttpProtocol


class TlsProtocol(HttpProtocol):
    """One connection; its certificate holds for each of its requests."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Read the certificate that the handshake has verified."""
        super().connection_made(transport)
        connection = transport.get_extra_info("ssl_object")
        certificate = connection.getpeercert(binary_form=True) if connection else None
        chain = (ssl.DER_cert_to_PEM_cert(certificate),) if certificate else ()
        self._tls: dict[str, Any] = {
            "server_cert": None,
            "client_cert_chain": chain,
            "client_cert_name": None,
            "client_cert_error": None,
            "tls_version": None,
            "cipher_suite": None,
        }

    def on_message_begin(self) -> None:
        """Add the extension to the scope of the request."""
        super().on_message_begin()
        self.scope["extensions"] = {"tls": self._tls}  # type: ignore[dict-item]

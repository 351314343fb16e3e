"""How an application of ours listens on this machine: the socket, and what uvicorn may and may not do."""

import socket
import ssl
from dataclasses import dataclass
from typing import Any

import uvicorn

from lab.fhirserver.http_protocol import HttpProtocol
from lab.fhirserver.tls_protocol import TlsProtocol

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Tls:
    """The PEM files of a listener over TLS.

    Clients that show a certificate must have it from one of ``client_authorities``; without that file none is
    asked for.
    """

    certificate: str
    key: str
    client_authorities: str = ""


def bind(address: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 lets the system choose.

    Raises:
        OSError: the port is taken.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def settings(app: Any, tls: Tls | None = None) -> uvicorn.Config:
    """Return the settings of a server of the application.

    Raises:
        OSError: a file of ``tls`` cannot be read (``ssl.SSLError`` when it is no certificate).
    """
    # proxy_headers would let X-Forwarded-For replace the peer that level 1 decides on; h11 would serve a
    # smuggled second request; a WebSocket would pass by the gateway's own answer.
    config = uvicorn.Config(
        app,
        http=TlsProtocol if tls else HttpProtocol,
        ws="none",
        proxy_headers=False,
        server_header=False,
        date_header=False,  # our answers carry their own, which an act may change
        access_log=False,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=2,
        ssl_context_factory=(lambda *_: _context(tls)) if tls else None,
    )
    config.load()
    return config


def _context(tls: Tls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(tls.certificate, tls.key)
    if tls.client_authorities:
        context.load_verify_locations(tls.client_authorities)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context

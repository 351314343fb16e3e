"""How an application of ours listens on this machine: the socket, and what uvicorn may and may not do."""

import socket
from typing import Any

import uvicorn

LOOPBACK = "127.0.0.1"


def bind(address: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 lets the system choose.

    Raises:
        OSError: the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def settings(app: Any) -> uvicorn.Config:
    """Return the settings of a server of the application."""
    # proxy_headers would let X-Forwarded-For replace the peer that level 1 decides on; h11 would serve a
    # smuggled second request.
    return uvicorn.Config(
        app,
        http="httptools",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=2,
    )

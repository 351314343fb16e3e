"""A listener in the hospital's place whose certificate must be refused; it notes how far each client goes.

Specs: RFC 8446 (TLS 1.3), CWE-295
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lab.certification.bad_certificate import BadCertificate
from lab.fhirserver.listening import LOOPBACK, bind

_PATIENCE_S = 3.0
_HANDSHAKE = 0x16
_MOST = 65_536


@dataclass(frozen=True)
class Visit:
    """``handshake`` is refused, completed, or plain (no TLS at all); ``bytes`` is what came in the clear."""

    handshake: str
    bytes: int


@contextmanager
def hostile_tls(certificate: BadCertificate, note: Callable[[Visit], None]) -> Iterator[str]:
    """Listen for the length of the block; yield the origin (https)."""
    listener = bind(LOOPBACK, 0)
    listener.listen()
    listener.settimeout(0.1)
    ended = threading.Event()
    thread = threading.Thread(target=_accept, args=(listener, certificate.context, note, ended), daemon=True)
    thread.start()
    try:
        yield f"https://{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        ended.set()
        thread.join(3 * _PATIENCE_S)
        listener.close()


def _accept(
    listener: socket.socket, context: ssl.SSLContext, note: Callable[[Visit], None], ended: threading.Event
) -> None:
    while not ended.is_set():
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        with connection:
            connection.settimeout(_PATIENCE_S)
            visit = _received(connection, context)
        if visit is not None:
            note(visit)


def _received(connection: socket.socket, context: ssl.SSLContext) -> Visit | None:
    """Return how far a client went; None when it sent nothing at all."""
    try:
        first = connection.recv(1, socket.MSG_PEEK)
        if not first:
            return None
        if first[0] != _HANDSHAKE:
            return Visit("plain", len(connection.recv(_MOST)))
    except OSError:
        return None
    try:
        secured = context.wrap_socket(connection, server_side=True)
    except OSError:  # the alert of a client that refuses, or its silence
        return Visit("refused", 0)
    with secured:
        try:
            return Visit("completed", len(secured.recv(_MOST)))
        except OSError:
            return Visit("completed", 0)

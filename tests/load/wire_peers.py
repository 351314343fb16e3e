"""Servers of raw bytes for the client of the load, and one question to ask them."""

import socket
import threading
import time
from contextlib import contextmanager, suppress

from lab.load.request import Ask

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def scripted(*connections):
    """Serve each connection with its list of raw answers, one per request, then close it."""
    peers = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        for answers in connections:
            connection, peer = listener.accept()
            peers.append(peer[0])
            with connection:
                for answer in answers:
                    received = b""
                    while b"\r\n\r\n" not in received:
                        received += connection.recv(65536)
                    connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", peers
        thread.join(timeout=5)
    assert not thread.is_alive()


def get(wire, url, *, source=None, method="GET"):
    return wire.exchange(Ask.of(method, url, {}, None, source))


@contextmanager
def dripping(pieces, pause_s):
    """Serve one connection with pieces of an answer, one by one."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.recv(65536)
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause_s)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(timeout=10)

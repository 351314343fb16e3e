"""Let several requests arrive at the same instant: each is sent but for its last byte, then all last bytes.

Threads would not do: the time that each takes to start is longer than the moment in which a server is wrong.
"""

import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

from lab.fhir.client import Outgoing
from lab.fhir.reply import Reply

_TIMEOUT_S, _SETTLE_S = 10.0, 0.05
_LONGEST = 1_000_000


def at_once(requests: Sequence[Outgoing]) -> list[Reply]:
    """Return the answers, in the order of the requests; one that fails has the status 0."""
    with ExitStack() as stack:
        opened = [_opened(request, stack) for request in requests]
        for request, found in zip(requests, opened, strict=True):
            if isinstance(found, socket.socket):
                _put(found, _message(request)[:-1])
        time.sleep(_SETTLE_S)  # what was sent so far has been read
        for request, found in zip(requests, opened, strict=True):
            if isinstance(found, socket.socket):
                _put(found, _message(request)[-1:])
        return [_answer(request, found) for request, found in zip(requests, opened, strict=True)]


def _opened(request: Outgoing, stack: ExitStack) -> socket.socket | str:
    """Return a connection, or why there is none."""
    parts = urlsplit(request.url)
    secure = parts.scheme == "https"
    source = (request.source, 0) if request.source else None
    try:
        address = (parts.hostname or "", parts.port or (443 if secure else 80))
        found = stack.enter_context(socket.create_connection(address, _TIMEOUT_S, source))
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if secure:
            trust = ssl.create_default_context()
            found = stack.enter_context(trust.wrap_socket(found, server_hostname=parts.hostname))
    except OSError as error:
        return f"{type(error).__name__}: {error}"[:200]
    return found


def _message(request: Outgoing) -> bytes:
    parts = urlsplit(request.url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    lines = [
        f"{request.method} {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        *(f"{name}: {value}" for name, value in request.headers),
        f"Content-Length: {len(request.body)}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + request.body


def _put(connection: socket.socket, part: bytes) -> None:
    with suppress(OSError):  # a server that closed has said why, or its answer is missing
        connection.sendall(part)


def _answer(request: Outgoing, found: socket.socket | str) -> Reply:
    if isinstance(found, str):
        return Reply("", 0, error=found, url=request.url)
    try:
        answer = HTTPResponse(found, method=request.method)
        answer.begin()
        body = answer.read(_LONGEST)
    except (OSError, HTTPException, ValueError) as error:
        return Reply("", 0, error=f"{type(error).__name__}: {error}"[:200], url=request.url)
    return Reply("", answer.status, tuple(answer.getheaders()), body, url=request.url)

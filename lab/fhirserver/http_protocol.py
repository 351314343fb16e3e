"""HTTP/1.1 on one connection, stricter than its parser: bounded in length and in time, and undecoded.

The target reaches the application as it was sent. A head ends in time and is short; a request ends with its
body: what a trailer says could pass for a header that a proxy in front did not find there.

Specs: https://www.rfc-editor.org/rfc/rfc9112 (3.2 target, 6 body, 7.1.2 trailers), RFC 6585 section 5 (431).
"""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD = 65_536
MAX_HEADERS = 100
HEAD_PATIENCE_S = 10.0


class _UnreadableError(Exception):
    pass


class HttpProtocol(HttpToolsProtocol):
    """One connection. What cannot be read is answered once, and nothing that follows it is."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._in_head = True
        self._piece = 0
        self._pending = 0  # bytes that have not become anything yet, at most
        self._kept: list[tuple[bytes, bytes]] = []
        self._status = HTTPStatus.BAD_REQUEST
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, not for ever."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came, as long as it may become a request."""
        if self.transport.is_closing():
            return
        self._piece = len(data)
        self._pending += self._piece
        if self._pending > MAX_HEAD + self._piece:  # a head, an extension of a chunk or a trailer without end
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            self.send_400_response("")
            return
        super().data_received(data)
        if self._in_head and self._pending and self._patience is None and not self.transport.is_closing():
            self._wait()

    def on_message_begin(self) -> None:
        """Wait for the rest of a head that begins behind another request."""
        super().on_message_begin()
        self._pending = max(self._pending, self._piece)

    def on_headers_complete(self) -> None:
        """Hand the request over, its target as it was sent."""
        if len(self.headers) > MAX_HEADERS or (self._pending > MAX_HEAD and self._length() > MAX_HEAD):
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise _UnreadableError
        self._in_head, self._pending = False, 0
        self._arrived()
        super().on_headers_complete()
        self.scope["headers"] = self._kept = self.headers[:]  # the parser adds trailers to its own
        self.scope["raw_path"], _, self.scope["query_string"] = self.url.partition(b"?")
        if self.parser.should_upgrade():
            # The parser drops what follows in the same piece: nothing may follow.
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._pending = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Expect another head, unless this request went on behind its body."""
        if len(self.headers) > len(self._kept):
            raise _UnreadableError
        self._in_head, self._pending = True, 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the caller learns no more than the status
        """Answer what cannot be read, and close."""
        status = self._status
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncache-control: no-store\r\ncontent-length: 0\r\n"
        self.transport.write(f"{head}connection: close\r\n\r\n".encode())
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Stay silent: HTTP clients of Java propose HTTP/2 in each request."""

    def _length(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _wait(self) -> None:
        self._patience = self.loop.call_later(HEAD_PATIENCE_S, self._give_up)

    def _arrived(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait()  # an earlier request of this connection is still being answered
        else:
            self.transport.close()

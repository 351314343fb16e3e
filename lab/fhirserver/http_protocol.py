"""HTTP/1.1 on one connection, stricter than its parser: bounded in length and in time, and undecoded.

The target reaches the application as it was sent. A head ends in time and is short; a request ends with its
body: what a trailer says could pass for a header that a proxy in front has looked for in vain.

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
        self._head = 0
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
        self._head += len(data) if self._in_head else 0
        if self._head > MAX_HEAD + len(data):
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            self.send_400_response("")
            return
        super().data_received(data)
        if self._in_head and self._patience is None and not self.transport.is_closing():
            self._wait()

    def on_message_begin(self) -> None:
        """Begin to measure a head; ``Expect`` and the method come later."""
        super().on_message_begin()
        self._length = 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._lengthen(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header of the head; one that follows the body is none."""
        if not self._in_head:
            raise _UnreadableError
        self._lengthen(len(name) + len(value))
        super().on_header(name, value)
        if len(self.headers) > MAX_HEADERS:
            self._lengthen(MAX_HEAD + 1)

    def on_headers_complete(self) -> None:
        """Hand the request over, its target as it was sent."""
        self._in_head, self._head = False, 0
        self._arrived()
        super().on_headers_complete()
        self.scope["raw_path"], _, self.scope["query_string"] = self.url.partition(b"?")
        if self.parser.should_upgrade():
            # The parser drops what follows in the same piece: nothing may follow.
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Expect another head."""
        self._in_head = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the caller learns no more than the status
        """Answer what cannot be read, and close."""
        status = self._status
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncache-control: no-store\r\ncontent-length: 0\r\n"
        self.transport.write(f"{head}connection: close\r\n\r\n".encode())
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Stay silent: HTTP clients of Java propose HTTP/2 in each request."""

    def _lengthen(self, length: int) -> None:
        self._length += length
        if self._length > MAX_HEAD:
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise _UnreadableError

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

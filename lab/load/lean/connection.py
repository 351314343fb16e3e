"""One kept-alive connection: a request out, its whole answer in, within one deadline.

Blocking code: the load child makes it cooperative by patching sockets. Redirects are answers, never followed.
Sources: https://www.rfc-editor.org/rfc/rfc9112.html, https://www.rfc-editor.org/rfc/rfc9110.html#section-15.2
"""

import socket
import ssl
import time
from collections.abc import Callable

from lab.load.lean.chunks import read_chunks
from lab.load.lean.head import CHUNKED, UNTIL_CLOSE, Head, read_head
from lab.load.lean.malformed import MalformedError
from lab.load.request import Origin
from lab.load.verify import Answer

_READ = 65_536
Waits = Callable[[socket.socket], Callable[[], None]]
"""From a socket to what waits until it can be read, TimeoutError when it is not in time."""

_INTERIM = 10
"""Answers 1xx before the real one, at most."""


class Connection:
    """``keep`` tells whether it may carry another request; an answer cut in the middle leaves it false."""

    def __init__(
        self,
        origin: Origin,
        *,
        timeout_s: float,
        body_cap: int,
        tls: ssl.SSLContext | None = None,
        readiness: Waits | None = None,
    ) -> None:
        """Connect, and shake hands where there is TLS; ``readiness`` waits for answers, or the socket.

        Raises:
            OSError: nobody is there, the certificate is not trusted, or it took longer than ``timeout_s``.
        """
        source = (origin.source, 0) if origin.source else None
        self._timeout_s = timeout_s
        self._cap = body_cap
        self._deadline = time.perf_counter() + timeout_s
        self._socket = socket.create_connection((origin.host, origin.port), timeout_s, source_address=source)
        self.keep = False
        self._hurried = False  # whether the socket was given less than the whole time
        self._ready: Callable[[], None] | None = None
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                self._socket = tls.wrap_socket(self._socket, server_hostname=origin.host)
            elif readiness is not None:
                self._ready = readiness(self._socket)
        except BaseException:
            self._socket.close()
            raise

    def ask(self, encoded: bytes) -> Answer:
        """Send a request and return its answer.

        Raises:
            ConnectionResetError: the connection ended before the first byte of the answer.
            MalformedError: the answer is none, or not whole.
            OSError: the network failed, or the answer took longer than the timeout.
        """
        self.keep = False
        self._deadline = time.perf_counter() + self._timeout_s
        connection = self._socket
        if self._hurried:
            connection.settimeout(self._timeout_s)
            self._hurried = False
        sent = connection.send(encoded)  # nearly always all of it: cheaper than what makes sure
        if sent < len(encoded):
            connection.sendall(encoded[sent:])
        if self._ready is not None:
            self._ready()
        data = connection.recv(_READ)
        if not data:
            raise ConnectionResetError
        head = read_head(data)
        if head is None or head.status < 200:
            head, data = self._rest_of_head(head, data)
        end = head.end + head.length
        if head.length >= 0 and len(data) == end and not head.compressed and head.length <= self._cap:
            self.keep = head.keep
            return Answer(head.status, data[head.end :])
        return self._slow_body(head, data[head.end :])

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def _more(self) -> bytes:
        """Read on, in what is left of the time; b"" at the end of the connection."""
        left = self._deadline - time.perf_counter()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        self._hurried = True
        try:
            return self._socket.recv(_READ)
        except ConnectionError:
            # Not one that may be asked again: the server had begun to answer.
            raise MalformedError("connection lost") from None

    def _rest_of_head(self, head: Head | None, data: bytes) -> tuple[Head, bytes]:
        """Return the head of the final answer, interim ones left behind, and what was read from it on."""
        interim = 0
        while head is None or head.status < 200:
            if head is not None:
                interim += 1
                if head.status == 101 or interim > _INTERIM:
                    raise MalformedError("unexpected interim answer", head.status)
                data = data[head.end :]
            else:
                more = self._more()
                if not more:
                    begun = b"HTTP/1."[: len(data)] == data[:7]
                    raise MalformedError("IncompleteRead" if begun else "BadStatusLine")
                data += more
            head = read_head(data) if data else None
        return head, data

    def _slow_body(self, head: Head, data: bytes) -> Answer:
        """Return the answer whose body did not come in one piece with its head."""
        if head.length > self._cap:
            return Answer(head.status, failure="body too large")
        try:
            body, rest = self._body(head, data)
        except MalformedError as error:
            raise MalformedError(error.failure, head.status) from None
        except TimeoutError:
            return Answer(head.status, failure="timeout")
        if body is None:
            return Answer(head.status, failure="body too large")
        # What follows an answer answers nothing that was asked: it must not answer the next request.
        self.keep = head.keep and not rest
        if head.compressed and head.status not in (204, 304):
            return Answer(head.status, failure="body compressed although not asked for")
        return Answer(head.status, body)

    def _body(self, head: Head, data: bytes) -> tuple[bytes | None, bytes]:
        if head.length == CHUNKED:
            return read_chunks(data, self._more, self._cap)
        parts, held = [data], len(data)
        wanted = self._cap + 1 if head.length == UNTIL_CLOSE else head.length
        while held < wanted:
            more = self._more()
            if not more:
                if head.length != UNTIL_CLOSE:
                    raise MalformedError("IncompleteRead")
                break
            parts.append(more)
            held += len(more)
        whole = b"".join(parts)
        if head.length == UNTIL_CLOSE:
            return (whole if held <= self._cap else None), b""
        return whole[: head.length], whole[head.length :]

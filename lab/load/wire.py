"""HTTP/1.1 over kept-alive connections, each bound to the local address that a request must come from.

Blocking code: Locust's process makes it cooperative by patching sockets (RFC 9110, RFC 9112).
"""

import ssl
from collections import defaultdict
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import NamedTuple
from urllib.parse import urlsplit

from lab.load.verify import Answer

_IDEMPOTENT = ("GET", "HEAD", "PUT", "DELETE")


class Origin(NamedTuple):
    """One server as seen from one local address; connections are interchangeable within an origin."""

    scheme: str
    host: str
    port: int | None
    source: str | None


class Wire:
    """A pool of connections without a size limit: the caller caps the requests in flight."""

    def __init__(self, *, timeout_s: float, body_cap: int) -> None:
        """Bound each socket operation in seconds, and each body in bytes."""
        self._timeout_s = timeout_s
        self._body_cap = body_cap
        self._idle: defaultdict[Origin, list[HTTPConnection]] = defaultdict(list)
        self._tls: ssl.SSLContext | None = None

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, source: str | None
    ) -> Answer:
        """Send one request and return its whole answer; a failure of the network is an answer too."""
        parts = urlsplit(url)
        origin = Origin(parts.scheme, parts.hostname or "", parts.port, source)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        idle = self._idle[origin]
        # The server may be closing an idle connection: only a request that may be sent twice takes the risk.
        reused = bool(idle) and method in _IDEMPOTENT
        connection = idle.pop() if reused else self._connection(origin)
        status, reusable = 0, False
        try:
            try:
                response = _ask(connection, method, path, headers, body)
            except ConnectionError:
                if not reused:
                    raise
                connection.close()
                connection = self._connection(origin)
                response = _ask(connection, method, path, headers, body)
            status = response.status
            answer = self._answer(response)
            reusable = response.isclosed() and not response.will_close
        except (HTTPException, OSError) as error:
            return Answer(status, failure=_failure(error))
        finally:
            # Also on a timeout thrown from outside: half an answer must never be read by the next request.
            if reusable:
                idle.append(connection)
            else:
                connection.close()
        return answer

    def close(self) -> None:
        """Close the idle connections."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()

    def _answer(self, response: HTTPResponse) -> Answer:
        length = response.length
        if length is not None and length > self._body_cap:
            return Answer(response.status, failure="body too large")
        # Without a limit, read() notices a body shorter than announced; with one it does not.
        body = response.read() if length is not None else response.read(self._body_cap + 1)
        if len(body) > self._body_cap:
            return Answer(response.status, failure="body too large")
        if response.getheader("Content-Encoding", "identity") != "identity":
            return Answer(response.status, failure="body compressed although not asked for")
        return Answer(response.status, body)

    def _connection(self, origin: Origin) -> HTTPConnection:
        source = (origin.source, 0) if origin.source else None
        if origin.scheme == "https":
            self._tls = self._tls or ssl.create_default_context()
            return HTTPSConnection(
                origin.host, origin.port, timeout=self._timeout_s, source_address=source, context=self._tls
            )
        return HTTPConnection(origin.host, origin.port, timeout=self._timeout_s, source_address=source)


def _ask(
    connection: HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: bytes | None
) -> HTTPResponse:
    connection.request(method, path, body=body, headers=dict(headers))
    return connection.getresponse()


def _failure(error: Exception) -> str:
    """Return a few stable words, fit to be counted."""
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionError):
        return "connection lost"
    return type(error).__name__

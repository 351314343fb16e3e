"""The second engine: geventhttpclient, as Locust's FastHttpUser uses it, behind the same protocol.

Slower than the lean one and written by others: where both count the same, neither misreads answers. It
runs in the load child only. Source: https://github.com/geventhttpclient/geventhttpclient
"""

from collections.abc import Callable
from typing import Any

import gevent
from gevent import socket
from geventhttpclient import HTTPClient
from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError

from lab.load.failure import failure
from lab.load.request import Ask, Origin
from lab.load.verify import Answer

_CONNECTIONS = 2_000
"""As many as there may be slots."""


class FastWire:
    """A client for each origin; each has its own pool of connections."""

    def __init__(self, *, timeout_s: float, body_cap: int) -> None:
        """Bound each exchange in seconds, and each body in bytes."""
        self._timeout_s = timeout_s
        self._body_cap = body_cap
        self._clients: dict[Origin, HTTPClient] = {}

    def exchange(self, ask: Ask) -> Answer:
        """Send one request and return its whole answer; a failure of the network is an answer too."""
        client = self._clients.get(ask.origin) or self._client(ask.origin)
        status = 0
        try:
            with gevent.Timeout(self._timeout_s, TimeoutError):
                response = client.request(ask.method, ask.target, ask.body or b"", dict(ask.headers))
                status = response.status_code
                with response:
                    return self._answer(response)
        except HTTPConnectionClosed:
            return Answer(status, failure="connection lost" if not status else "IncompleteRead")
        except HTTPParseError:
            return Answer(status, failure="BadStatusLine")
        except OSError as error:
            return Answer(status, failure=failure(error))

    def close(self) -> None:
        """Close the idle connections."""
        for client in self._clients.values():
            client.close()

    def _answer(self, response: Any) -> Answer:
        status: int = response.status_code
        if (response.content_length or 0) > self._body_cap:
            return Answer(status, failure="body too large")
        body = bytes(response.read(self._body_cap + 1))
        if len(body) > self._body_cap:
            return Answer(status, failure="body too large")
        if response.get("content-encoding", "identity") != "identity":
            return Answer(status, failure="body compressed although not asked for")
        return Answer(status, body)

    def _client(self, origin: Origin) -> HTTPClient:
        client = HTTPClient(
            origin.host,
            origin.port,
            ssl=origin.scheme == "https",
            concurrency=_CONNECTIONS,
            connection_timeout=self._timeout_s,
            network_timeout=self._timeout_s,
        )
        if origin.source is not None:
            pool: Any = client._connection_pool  # noqa: SLF001 - it has no option for that
            pool._create_tcp_socket = _bound_to(origin.source)  # noqa: SLF001
        self._clients[origin] = client
        return client


def _bound_to(source: str) -> Callable[[int, int, int], Any]:
    def create(family: int, kind: int, protocol: int) -> Any:
        made = socket.socket(family, kind, protocol)
        made.bind((source, 0))
        return made

    return create

"""The lean engine's connections: kept alive, each bound to the local address that a request must come from.

Blocking code: Locust's process makes it cooperative by patching sockets (RFC 9110, RFC 9112).
"""

import ssl
from collections import defaultdict

from lab.load.failure import failure
from lab.load.lean.connection import Connection, Waits
from lab.load.lean.malformed import MalformedError
from lab.load.request import Ask, Origin
from lab.load.verify import Answer


class Wire:
    """A pool of connections without a size limit: the caller caps the requests in flight."""

    def __init__(self, *, timeout_s: float, body_cap: int, readiness: Waits | None = None) -> None:
        """Bound each exchange in seconds, and each body in bytes; ``readiness`` waits for answers."""
        self._readiness = readiness
        self._timeout_s = timeout_s
        self._body_cap = body_cap
        self._idle: defaultdict[Origin, list[Connection]] = defaultdict(list)
        self._tls: ssl.SSLContext | None = None

    def exchange(self, ask: Ask) -> Answer:
        """Send one request and return its whole answer; a failure of the network is an answer too."""
        idle = self._idle[ask.origin]
        # The server may be closing an idle connection: only a request that may be sent twice takes the risk.
        reused = bool(idle) and ask.repeatable
        connection: Connection | None = None
        try:
            connection = idle.pop() if reused else self._connection(ask.origin)
            try:
                return connection.ask(ask.encoded)
            except ConnectionError:
                if not reused:
                    raise
                connection.close()
                connection = self._connection(ask.origin)
                return connection.ask(ask.encoded)
        except MalformedError as error:
            return Answer(error.status, failure=error.failure)
        except OSError as error:
            return Answer(0, failure=failure(error))
        finally:
            # Also on a timeout thrown from outside: half an answer must never be read by the next request.
            if connection is not None:
                if connection.keep:
                    idle.append(connection)
                else:
                    connection.close()

    def close(self) -> None:
        """Close the idle connections."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()

    def _connection(self, origin: Origin) -> Connection:
        if origin.scheme == "https":
            self._tls = self._tls or ssl.create_default_context()
        tls = self._tls if origin.scheme == "https" else None
        return Connection(
            origin,
            timeout_s=self._timeout_s,
            body_cap=self._body_cap,
            tls=tls,
            readiness=self._readiness,
        )

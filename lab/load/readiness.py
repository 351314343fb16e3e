"""Waits until an answer comes, without a timer for each: one look at all who wait, ten times a second.

A patched socket first tries to read in vain, then starts a timer that nearly never goes off: together they
cost more than the answer. It runs in the load child only (gevent).
Source: https://www.gevent.org/api/gevent.hub.html#gevent.hub.Hub.wait
"""

import socket
import time
from collections.abc import Callable

import gevent
from gevent import getcurrent

_LOOK_S = 0.1
_READ = 1  # what the loop calls the event of a socket that can be read


class Readiness:
    """Everybody waits as long: whoever began first is over first."""

    def __init__(self, timeout_s: float) -> None:
        """Give each wait so many seconds, to a tenth."""
        self._timeout_s = timeout_s
        self._until: dict[gevent.Greenlet, float] = {}
        self._hub = gevent.get_hub()
        gevent.spawn(self._look)  # for as long as the process

    def of(self, connection: socket.socket) -> Callable[[], None]:
        """Return what waits until a connection can be read, or raises TimeoutError when it is late."""
        watcher = self._hub.loop.io(connection.fileno(), _READ)
        wait, until, timeout_s = self._hub.wait, self._until, self._timeout_s

        def ready() -> None:
            me = getcurrent()
            until[me] = time.perf_counter() + timeout_s
            try:
                wait(watcher)
            finally:
                del until[me]

        return ready

    def _look(self) -> None:
        while True:
            gevent.sleep(_LOOK_S)
            now = time.perf_counter()
            for greenlet, deadline in list(self._until.items()):
                if deadline > now:
                    break
                self._hub.loop.run_callback(self._end, greenlet, deadline)

    def _end(self, greenlet: gevent.Greenlet, deadline: float) -> None:
        if self._until.get(greenlet) == deadline:  # its answer may have come meanwhile
            greenlet.throw(TimeoutError)

"""Those who send: a bounded number of greenlets that live as long as the run, each playing one item at once.

A greenlet for each request costs more than the request: who has finished waits to be handed the next one.
Source: https://www.gevent.org/api/gevent.hub.html (``run_callback`` switches to a parked greenlet).
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import gevent
from gevent import getcurrent

Item = TypeVar("Item")
_LOOK_S = 0.02


class Senders(Generic[Item]):
    """At most ``most`` of them; they are started as they are needed."""

    def __init__(self, play: Callable[[Item], object], most: int) -> None:
        """Play items with ``play``, which never raises."""
        self._play = play
        self._most = most
        self._started = 0
        self._idle: list[gevent.Greenlet] = []
        self._hub = gevent.get_hub()
        self._run_callback = self._hub.loop.run_callback

    def hand(self, item: Item) -> bool:
        """Hand an item to one who is idle, to be played when the caller next waits; False when nobody is."""
        if self._idle:
            self._run_callback(self._idle.pop().switch, item)
            return True
        if self._started < self._most:
            self._started += 1
            gevent.spawn(self._live, item)
            return True
        return False

    def join(self) -> None:
        """Wait until everyone is idle."""
        while len(self._idle) < self._started:
            gevent.sleep(_LOOK_S)

    def _live(self, item: Item) -> None:
        me = getcurrent()
        while True:
            self._play(item)
            self._idle.append(me)
            item = self._hub.switch()

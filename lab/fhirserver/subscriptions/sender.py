"""The thread that tells endpoints of events, beside the requests, on a connection of its own.

Each Subscription is told of its events in their order, one after another and at least once; Subscriptions do
not wait for each other. Every process of the server has a sender; what one has claimed others leave alone.
"""

import asyncio
import logging
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass

import httpx

from lab.fhirserver.storage.store import Store
from lab.fhirserver.subscriptions import outbox, standing
from lab.fhirserver.subscriptions.message import next_message
from lab.fhirserver.subscriptions.outbox import Claim
from lab.fhirserver.subscriptions.posting import client, failure

_LOG = logging.getLogger(__name__)
_MOST_AT_ONCE = 16
_PATIENCE_S = 10.0


@dataclass(frozen=True)
class Pace:
    """``delays_s`` come between the tries of one notification: after the last one, the Subscription stops."""

    timeout_s: float = 5.0
    delays_s: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
    poll_s: float = 1.0


PACE = Pace()


class Sender:
    """Sends what the outbox of a store holds; ``base_url`` is the address under which the server is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.base_url = ""
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wanted = asyncio.Event()
        self._ending = False

    def start(self) -> None:
        """Start the thread unless it runs."""
        if self._thread is None and not self._ending:
            self._thread = threading.Thread(target=self._work, name="subscriptions", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Look at the outbox now."""
        self.start()
        if self._loop is not None:
            with suppress(RuntimeError):  # it has just ended
                self._loop.call_soon_threadsafe(self._wanted.set)

    def close(self) -> None:
        """End what is being sent: it will be sent again."""
        self._ending = True
        thread = self._thread
        if thread is not None:
            self.wake()
            thread.join(_PATIENCE_S)

    def _work(self) -> None:
        try:
            with closing(self._store.beside()) as store:
                store.relax()  # what is forgotten is sent again
                asyncio.run(self._serve(store))
        except Exception:  # noqa: BLE001 - the next event starts another thread
            _LOG.exception("The sender of notifications ended.")
        finally:
            self._thread, self._loop = None, None

    async def _serve(self, store: Store) -> None:
        self._loop = asyncio.get_running_loop()
        running: set[asyncio.Task[None]] = set()
        async with client() as http:
            while not self._ending:
                self._wanted.clear()
                try:
                    while len(running) < _MOST_AT_ONCE and (claimed := outbox.claim(store, _now())):
                        task = asyncio.create_task(self._deliver(store, http, claimed))
                        running.add(task)
                        task.add_done_callback(running.discard)
                except Exception:  # noqa: BLE001 - looked at again after a while
                    _LOG.exception("The outbox cannot be read.")
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wanted.wait(), PACE.poll_s)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _deliver(self, store: Store, http: httpx.AsyncClient, claimed: Claim) -> None:
        """Send all that waits for one endpoint."""
        current: Claim | None = claimed
        try:
            while current is not None:
                current = await self._step(store, http, current)
        except asyncio.CancelledError:
            outbox.release(store, claimed)
            raise
        except Exception:  # noqa: BLE001 - tried again when the claim has run out
            _LOG.exception("A notification failed.")
        else:
            outbox.release(store, claimed)
        finally:
            self._wanted.set()

    async def _step(self, store: Store, http: httpx.AsyncClient, claimed: Claim) -> Claim | None:
        """Send one notification; return the claim as it goes on, None at its end."""
        if claimed.status == "failing":
            standing.give(store, claimed, "error", claimed.error)
            return None
        if claimed.status == "active" and claimed.plan.ends <= _now():
            standing.give(store, claimed, "off")
            return None
        message = next_message(store, claimed, self.base_url or claimed.plan.base_url)
        wrong = await failure(http, message, PACE.timeout_s)
        if wrong:
            self._failed(store, claimed, wrong)
            return None
        if claimed.status == "requested":
            standing.give(store, claimed, "active")
            return None
        return outbox.again(store, claimed, message.n, _now())

    def _failed(self, store: Store, claimed: Claim, wrong: str) -> None:
        if claimed.tries < len(PACE.delays_s):
            outbox.failed(store, claimed, _now() + round(PACE.delays_s[claimed.tries] * 1000))
            return
        standing.give(store, claimed, "error", f"{wrong} Tried {claimed.tries + 1} times.")


def _now() -> int:
    """Return the time that processes of one machine share, in milliseconds UTC."""
    return time.time_ns() // 1_000_000

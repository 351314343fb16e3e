"""A server with one known flaw, over real HTTP on port 0, in a thread of its own: a function is an animal."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

BODY = b'{"resourceType": "Bundle", "type": "searchset", "total": 0}'


@dataclass
class Said:
    """One answer, ``after`` seconds."""

    status: int = 200
    body: bytes = BODY
    after: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Return it as HTTP."""
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += ["Content-Type: application/fhir+json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


Animal = Callable[[str, float], Said]
"""From the target of a request and the seconds since the first one to the answer."""


class _Served(asyncio.Protocol):
    def __init__(self, animal: Animal, first: list[float]):
        self.animal, self.first, self.rest = animal, first, b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        *whole, self.rest = (self.rest + data).split(b"\r\n\r\n")
        loop = asyncio.get_running_loop()
        for head in whole:
            if not self.first:
                self.first.append(loop.time())
            said = self.animal(head.split(b" ", 2)[1].decode(), loop.time() - self.first[0])
            if said.after > 0:
                loop.call_later(said.after, self.write, said.encoded())
            else:
                self.write(said.encoded())

    def write(self, data):
        if not self.transport.is_closing():
            self.transport.write(data)


@contextmanager
def served(animal: Animal):
    """Give the base URL of an animal for the duration of a block."""
    loop = asyncio.new_event_loop()
    first: list[float] = []
    server = loop.run_until_complete(
        loop.create_server(lambda: _Served(animal, first), "127.0.0.1", 0, backlog=1024)
    )
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def stalling(begins: float, lasts: float) -> Animal:
    """Answer at once, but for one stall: whatever comes in it is answered at its end."""
    return lambda _, at: Said(after=begins + lasts - at if begins <= at < begins + lasts else 0.0)


def leaking(one_in: int) -> Animal:
    """Refuse, and let every so manieth request in."""
    count = 0

    def answer(_target: str, _at: float) -> Said:
        nonlocal count
        count += 1
        return Said() if count % one_in == 0 else Said(403, b"{}")

    return answer


def unsound(one_in: int, *, asked: str = "") -> Animal:
    """Answer every so manieth request with a page that holds a date that is none; ``asked`` is in its target.

    Every other page is right, and no two are the same: each says when it was made.
    """
    counts: Counter[bool] = Counter()

    def answer(target: str, _at: float) -> Said:
        about = asked in target
        counts[about] += 1
        wrong = about and counts[True] % one_in == 0
        date = "le 3 mars" if wrong else "1950-03-03"
        made = f"2023-01-01T00:00:00.{counts.total():06}Z"
        patient = {"resourceType": "Patient", "id": "p1", "birthDate": date}
        page = {"resourceType": "Bundle", "type": "searchset", "total": 1, "meta": {"lastUpdated": made}}
        return Said(body=json.dumps({**page, "entry": [{"resource": patient}]}).encode())

    return answer


def asking_for_patience(one_in: int) -> Animal:
    """Answer every so manieth of what may be served, and of what may not, with 429 and a Retry-After.

    They are counted apart: in which order two requests of one moment arrive is nobody's to say.
    """
    counts: Counter[bool] = Counter()

    def answer(target: str, _at: float) -> Said:
        forbidden = "forbidden" in target
        counts[forbidden] += 1
        if counts[forbidden] % one_in == 0:
            return Said(429, b"{}", headers={"Retry-After": "1"})
        return Said(403, b"{}") if forbidden else Said()

    return answer

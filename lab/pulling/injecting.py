"""Writes the events into the hospital by its own door, open loop: each leaves when it is due.

The door is the port of the backend, whose key no application has: the gateway decides nothing of it, and
writes no line of it into the journal that the application is judged by.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from lab.pulling.plan import Event, resource_of
from lab.pulling.recording import Commit

_SLOTS = 64
_WARMING = 3
_TIMEOUT_S = 10.0
_FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True)
class Door:
    """Where the hospital is written to: ``url`` its FHIR base, ``key`` its bearer.

    ``started`` is the zero of the journal on the monotonic clock of this machine, in seconds.
    """

    url: str
    key: str
    started: float

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers of every write."""
        return {"Authorization": f"Bearer {self.key}", "Content-Type": _FHIR_JSON, "Accept": _FHIR_JSON}

    def now(self) -> float:
        """Return the time of the journal."""
        return time.monotonic() - self.started


@dataclass(frozen=True)
class Patterns:
    """The resources that events copy: those that the application may see, and those that it must not."""

    seen: tuple[Mapping[str, Any], ...]
    hidden: tuple[Mapping[str, Any], ...]

    def of(self, event: Event) -> dict[str, Any]:
        """Return what an event writes."""
        return resource_of(event, self.hidden if event.hidden else self.seen)


def warm(patterns: Patterns, door: Door) -> None:
    """Write again a few resources as they are: the first write of a server takes longer than all others."""
    with httpx.Client(timeout=_TIMEOUT_S, trust_env=False, headers=door.headers) as http:
        for resource in (patterns.hidden or patterns.seen)[:_WARMING]:
            url = f"{door.url}/{resource['resourceType']}/{resource['id']}"
            with suppress(httpx.HTTPError):  # a door that is closed is seen when the events come
                http.put(url, content=orjson.dumps(resource))


async def inject(
    events: Sequence[Event],
    patterns: Patterns,
    door: Door,
    begun: float,
    committed: Callable[[Commit], None],
) -> None:
    """Write every event at ``begun`` (seconds of the journal) plus its time; ``committed`` hears of each."""
    limits = httpx.Limits(max_connections=_SLOTS, max_keepalive_connections=_SLOTS)
    async with (
        httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False, limits=limits, headers=door.headers) as http,
        asyncio.TaskGroup() as group,
    ):
        writer = _Writer(http, door, committed)
        for event in events:
            due = begun + event.at
            await asyncio.sleep(max(0.0, due - door.now()))
            group.create_task(writer.write(event, patterns.of(event), due))


class _Writer:
    """Writes events: so many at once, and those of one resource one after the other."""

    def __init__(self, http: httpx.AsyncClient, door: Door, committed: Callable[[Commit], None]) -> None:
        self._http = http
        self._door = door
        self._committed = committed
        self._slots = asyncio.Semaphore(_SLOTS)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def write(self, event: Event, resource: Mapping[str, Any], due: float) -> None:
        """Write one event, due at that second of the journal."""
        reference = f"{resource['resourceType']}/{event.id}"
        async with self._turns[event.id], self._slots:
            sent = self._door.now()
            status, said = await self._put(reference, resource)
        version = str(said.get("versionId", ""))
        self._committed(
            Commit(
                number=event.number,
                reference=reference,
                hidden=event.hidden,
                due=round(due, 4),
                sent=round(sent, 4),
                t=round(self._door.now(), 4),
                status=status,
                version=int(version) if version.isdecimal() else 0,
                updated=str(said.get("lastUpdated", "")),
            )
        )

    async def _put(self, reference: str, resource: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        """Return the status and the meta of what was written; 0 and nothing when no answer came."""
        try:
            answer = await self._http.put(f"{self._door.url}/{reference}", content=orjson.dumps(resource))
        except httpx.HTTPError:
            return 0, {}
        return answer.status_code, _meta(answer)


def _meta(answer: httpx.Response) -> Mapping[str, Any]:
    if not answer.is_success:
        return {}
    meta: Mapping[str, Any] = orjson.loads(answer.content).get("meta", {})
    return meta

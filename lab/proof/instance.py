"""A world behind a gateway, asked in process: no socket, an injected clock, ids that are drawn in one order.

Spec: https://asgi.readthedocs.io/en/latest/specs/www.html
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from uuid import UUID

import orjson

from lab.authserver.registry import Registration, Registry
from lab.authserver.tokens import Tokens
from lab.fhir.http import AsgiApplication
from lab.fhir.policy import Policy
from lab.fhir.request import parse
from lab.fhir.scopes import parse_scopes
from lab.fhir.view import EVERYTHING
from lab.fhirserver import create, transaction
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.operations import export_jobs
from lab.fhirserver.operations.export_job import State
from lab.gateway.application import Gateway, application
from lab.journal.journal import Journal
from lab.journal.redact import Redactor
from lab.proof.grants import PEER, Grant
from lab.proof.integrity import Snapshot
from lab.proof.reference.cohort import Hospital
from lab.proof.shelf import SHELF
from lab.proof.world import BASE, OPENING, STEP, Json, Timeline, Version, World, moment

ORIGIN = BASE.removesuffix("/fhir")
_KEY = b"a key of pages that both worlds have"
_VOLATILE = frozenset({"date", "expires", "x-request-id"})
_PATIENCE_S = 10.0


Made = TypeVar("Made")
Wrap = Callable[[AsgiApplication], AsgiApplication]


def unbroken(app: AsgiApplication) -> AsgiApplication:
    """Return the gateway as it is: mutants return something around it."""
    return app


@dataclass(frozen=True)
class Sent:
    """One request: ``path`` and ``query`` as on the wire, after the FHIR base."""

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    client: int = 0


@dataclass(frozen=True)
class Received:
    """An answer, without the headers that change with the clock of the machine."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header, empty when there is none."""
        return next((value for key, value in self.headers if key == name), "")


@dataclass
class _Ids:
    """The ids that the server gives: as random as the request that asks for them, not as the world."""

    chance: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - not a secret

    def uuid(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    def token_hex(self, size: int) -> str:
        return self.chance.randbytes(size).hex()


IDS = _Ids()


@contextmanager
def drawn_ids() -> Iterator[None]:
    """Let servers of this process draw their ids from the request number, so that twins give the same."""
    uuids = [(module, vars(module)["uuid4"]) for module in (create, transaction)]
    source = vars(export_jobs)["secrets"]
    try:
        for module, _ in uuids:
            vars(module)["uuid4"] = IDS.uuid
        vars(export_jobs)["secrets"] = IDS
        yield
    finally:
        for module, before in uuids:
            vars(module)["uuid4"] = before
        vars(export_jobs)["secrets"] = source


class Instance:
    """One world being asked; what the world holds later is written when its clock gets there."""

    def __init__(
        self,
        world: World,
        grants: Sequence[tuple[Grant, Policy]],
        path: Path,
        wrap: Wrap,
    ) -> None:
        """Build the world in a new file at ``path``; ``wrap`` is put around the gateway."""
        self.second = 0
        self._loop = asyncio.new_event_loop()
        built = SHELF.take(world, path)
        self.backend = EmbeddedBackend(
            path, page_key=_KEY, clock=lambda: moment(self.second), limit_s=60, reading_limit_s=60
        )
        self._written: Counter[tuple[str, str]] = Counter()
        self._late: list[tuple[int, Timeline, Version]] = []
        self._last: tuple[Any, Hospital] | None = None
        self._fill(world, built=built)
        tokens = Tokens(clock=lambda: 0.0)
        known = [
            Registration(g.client_id, {"keys": []}, parse_scopes(g.scopes), policy) for g, policy in grants
        ]
        gateway = Gateway(
            origin=ORIGIN,
            token_url=f"{ORIGIN}/token",
            introspection_url=f"{ORIGIN}/introspect",
            backend=self.backend,
            registry=Registry(known),
            tokens=tokens,
            journal=Journal(Path("/dev/null"), "P"),
            redactor=Redactor(b"0" * 32),
            started=time.monotonic(),
            laboratory_secret="-",  # noqa: S106 - nobody sends it
            today=lambda: moment(self.second).date(),
        )
        self._journal = gateway.journal
        self._app = wrap(application(gateway))
        self._tokens = [tokens.issue(r.client_id, r.scopes).encode() for r in known]

    def ask(self, number: int, sent: Sent) -> Received:
        """Send the request of that number."""
        self.pass_to(OPENING + number * STEP)
        IDS.chance.seed(number)
        received = self._ask(sent)
        if (job := received.header("content-location")) and received.status == 202:
            self._wait(job.rpartition("/")[2])
        return received

    def pass_to(self, second: int) -> None:
        """Let time pass: the hospital writes what it writes meanwhile."""
        while self._late and self._late[0][0] < second:
            at, timeline, version = self._late.pop(0)
            self.second = at
            if self._is_ours(timeline):
                self._write(timeline, version)
        self.second = second

    def before(self, number: int) -> Snapshot:
        """Return what is there when the request of that number comes."""
        self.pass_to(OPENING + number * STEP)
        return self.snapshot()

    def snapshot(self) -> Snapshot:
        """Return all that is there, as the hospital itself sees it."""
        store = self.backend._server.store  # noqa: SLF001 - the proof looks behind every door
        state = tuple(store.rows("select type, id, version from resource order by k"))
        if self._last is None or self._last[0] != state:
            rows = store.rows(
                "select k, version, body from history union all select k, version, body from resource"
                " order by k, version"
            )
            read: dict[int, list[Json | None]] = {}
            for k, _, body in rows:
                read.setdefault(k, []).append(None if body is None else orjson.loads(store.unpack(body)))
            self._last = state, _hospital(read.values())
        return Snapshot(replace(self._last[1], now=int(moment(self.second).timestamp() * 1000)))

    def close(self) -> None:
        """End what the world started."""
        self.backend.close()
        self._journal.close()
        self._loop.close()

    def _run(self, waiting: Awaitable[Made]) -> Made:
        return self._loop.run_until_complete(_whole(waiting))

    def _fill(self, world: World, *, built: bool) -> None:
        writes = list(world.writes())
        self._late = [write for write in writes if write[0] >= OPENING]
        if built:
            self._written.update((t.type, t.id) for at, t, _ in writes if at < OPENING)
            self.second = max((at for at, _, _ in writes if at < OPENING), default=0)
            return
        self.backend.load([v.body for at, _, v in writes if at == 0 and v.body is not None])
        self._written.update((t.type, t.id) for at, t, _ in writes if at == 0)
        with self.backend._server.store.transaction():  # noqa: SLF001 - one commit instead of fifty
            for at, timeline, version in writes:
                if 0 < at < OPENING:
                    self.second = at
                    self._write(timeline, version)

    def _is_ours(self, timeline: Timeline) -> bool:
        """Tell whether no client has written a resource: what the plan holds of it later is else outdated."""
        now = self.backend._server.store.current(timeline.type, timeline.id)  # noqa: SLF001
        return now is None or now.version == self._written[timeline.type, timeline.id]

    def _write(self, timeline: Timeline, version: Version) -> None:
        self._written[timeline.type, timeline.id] += 1
        method = "DELETE" if version.body is None else "PUT"
        body = b"" if version.body is None else orjson.dumps(version.body)
        headers = {"content-type": "application/fhir+json"}
        request = parse(method, f"{timeline.type}/{timeline.id}", "", headers, body, base_url=BASE)
        answer = self._run(self.backend.answer(request, EVERYTHING))
        if answer.status not in {200, 201, 204}:
            message = f"The hospital could not write {timeline.type}/{timeline.id}: {answer.body!r}."
            raise AssertionError(message)

    def _ask(self, sent: Sent) -> Received:
        headers = [(b"host", b"hospital.test"), (b"authorization", b"Bearer " + self._tokens[sent.client])]
        headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.headers]
        path = f"/fhir/{sent.path}" if sent.path else "/fhir"
        scope = {
            "type": "http",
            "method": sent.method,
            "path": path,
            "raw_path": path.encode("latin-1"),
            "query_string": sent.query.encode("latin-1"),
            "headers": headers,
            "client": (PEER, 50_000),
        }
        messages: list[Any] = []

        async def receive() -> Json:
            return {"type": "http.request", "body": sent.body, "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        self._run(self._app(scope, receive, send))
        head, *chunks = messages
        named = ((k.decode("latin-1"), v.decode("latin-1")) for k, v in head["headers"])
        return Received(
            head["status"],
            tuple(pair for pair in named if pair[0] not in _VOLATILE),
            b"".join(chunk.get("body", b"") for chunk in chunks),
        )

    def _wait(self, id_: str) -> None:
        """Wait for an export to end: when it does is no part of what worlds are compared by."""
        deadline = time.monotonic() + _PATIENCE_S
        job = self.backend._server.exports.job(id_)  # noqa: SLF001 - a client could only poll
        while job is not None and job.state is State.RUNNING and time.monotonic() < deadline:
            job.cancelled.wait(0.001)


def _hospital(histories: Iterable[list[Json | None]]) -> Hospital:
    """Return what the reference works on: versions by name, and what is there of them."""
    versions: dict[str, list[Json | None]] = {}
    for history in histories:
        first = next(body for body in history if body is not None)
        versions[f"{first['resourceType']}/{first['id']}"] = history
    there = [history[-1] for history in versions.values() if history[-1] is not None]
    gone = (history for history in versions.values() if history[-1] is None)
    ended = [next(body for body in reversed(history) if body is not None) for history in gone]
    return Hospital(there, 0, ended, versions)


async def _whole(waiting: Awaitable[Made]) -> Made:
    return await waiting

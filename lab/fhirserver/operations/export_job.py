"""A bulk export: what it reads, who asked for it, and how far it is.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Event

from lab.fhirserver.operations.export_owner import Owner
from lab.fhirserver.search.query import Query
from lab.fhirserver.sql import Sql


class CancelledError(Exception):
    """The job was deleted, by whichever process, or the server is closing."""


class NoRoomError(Exception):
    """The exports have taken all the disk that they may."""


class State(StrEnum):
    """A job that has failed is told as such; one that was deleted is not there."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Part:
    """One type; ``deletions`` is the condition on a row ``r`` that was deleted since, None if not asked."""

    type: str
    query: Query
    deletions: Sql | None


@dataclass(frozen=True)
class Plan:
    """``url`` is the request, ``time`` the transactionTime in milliseconds UTC."""

    url: str
    time: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class File:
    """One file of NDJSON: ``count`` lines of one type; ``deleted`` tells the deletions from the resources."""

    type: str
    path: Path
    count: int
    deleted: bool


@dataclass(frozen=True)
class Failure:
    """What the status of a job that has failed answers: HTTP status, code of the issue, and why."""

    status: int
    code: str
    why: str


@dataclass
class Job:
    """Written by the thread that runs it, read by requests; of another process, it is a copy of the disk.

    ``url`` and ``time`` are those of the plan; ``parts`` counts its types, ``parts_done`` those written.
    ``ended`` is in seconds since 1970.
    """

    id: str
    owner: Owner
    url: str
    time: int
    parts: int
    folder: Path
    state: State = State.RUNNING
    parts_done: int = 0
    files: tuple[File, ...] = ()
    size: int = 0
    failure: Failure | None = None
    ended: float = 0.0
    cancelled: Event = field(default_factory=Event)


@dataclass(frozen=True)
class Share:
    """What a job, of whichever process, takes of the bounds that all share."""

    binding: str
    state: State
    size: int
    ended: float


Allow = Callable[[Job, int], None]
"""Asked before a job writes so many bytes more; raises CancelledError or NoRoomError."""

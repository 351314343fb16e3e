"""A hospital of a proof: for each resource, its versions, each with the second at which it was written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

BASE = "http://hospital.test/fhir"
START = datetime(2026, 5, 1, 8, tzinfo=UTC)
"""Second 0, when a world is loaded in bulk."""

OPENING = 100_000
"""The second of the first request; what a world holds later is written while the client is asking."""

STEP = 60
"""Seconds between two requests."""


@dataclass(frozen=True)
class Version:
    """What was written at a second: a resource, or None for its deletion."""

    at: int
    body: Json | None


@dataclass(frozen=True)
class Timeline:
    """The versions of one resource, oldest first; one at second 0 is loaded in bulk."""

    type: str
    id: str
    versions: tuple[Version, ...]

    def last(self, before: int) -> Json | None:
        """Return the latest content written before a second, also of a resource deleted since."""
        bodies = [v.body for v in self.versions if v.at < before and v.body is not None]
        return bodies[-1] if bodies else None

    def current(self, before: int) -> Json | None:
        """Return the content at a second, None when there is none or it is deleted."""
        versions = [v for v in self.versions if v.at < before]
        return versions[-1].body if versions else None


@dataclass(frozen=True)
class World:
    """All that a hospital ever held, in the order of creation."""

    timelines: tuple[Timeline, ...]

    def current(self, before: int = OPENING) -> list[Json]:
        """Return the resources there at a second."""
        return [body for t in self.timelines if (body := t.current(before)) is not None]

    def ended(self, before: int = OPENING) -> list[Json]:
        """Return the last contents of what is deleted at a second."""
        gone = (t for t in self.timelines if t.current(before) is None)
        return [body for t in gone if (body := t.last(before)) is not None]

    def writes(self) -> Iterator[tuple[int, Timeline, Version]]:
        """Yield the versions in the order in which they are written."""
        every = [(v.at, n, t, v) for n, t in enumerate(self.timelines) for v in t.versions]
        yield from ((at, t, v) for at, _, t, v in sorted(every, key=lambda each: each[:2]))


def moment(second: int) -> datetime:
    """Return the time of a second of the world."""
    return datetime.fromtimestamp(START.timestamp() + second, UTC)

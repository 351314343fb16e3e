"""The plan of one pull under load: which events happen when, which faults, what must hold; JSON both ways.

Everything random is decided here, by the seed. Source: load reference, "the vendor application as a puller".
"""

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import orjson

from lab.load.error import LoadError
from lab.model.text import Text

MARK = "https://laboratory.invalid/event"
"""The system of the business identifier that every event carries."""

MOST_EVENTS = 200_000
UPDATED_SHARE = 0.3
"""Share of events that are a new version of an earlier one; the others are new resources."""


@dataclass(frozen=True)
class Event:
    """One write, due ``at`` seconds after the start; ``pattern`` is the number of the template it copies.

    ``hidden`` events are about patients that the application must not see.
    """

    number: int
    at: float
    id: str
    pattern: int
    hidden: bool = False


@dataclass(frozen=True)
class FaultWindow:
    """A fault of the gateway, from ``begins`` to ``ends``, in seconds after the start of the events."""

    fault: str
    begins: float
    ends: float


@dataclass(frozen=True)
class PullPlan:
    """What is played to one application. ``interval_s`` is how often its manifest says that it polls.

    ``overlap_s`` is how far back a poll may reach for what it has already got. ``base_url`` is the gateway.
    """

    client_id: str
    base_url: str
    title: Text
    interval_s: float
    rate: float
    duration_s: float
    seed: int
    hidden_share: float
    overlap_s: float
    drain_s: float
    windows: tuple[FaultWindow, ...]
    thresholds: tuple[str, ...]
    events: tuple[Event, ...]

    def to_json(self) -> bytes:
        """Return the plan as JSON."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read what ``to_json`` wrote."""
        said: dict[str, Any] = orjson.loads(data)
        said["title"] = Text(**said["title"])
        said["windows"] = tuple(FaultWindow(**one) for one in said["windows"])
        said["events"] = tuple(Event(**one) for one in said["events"])
        said["thresholds"] = tuple(said["thresholds"])
        return cls(**said)


def events(rate: float, duration_s: float, seed: int, hidden_share: float, prefix: str) -> tuple[Event, ...]:
    """Return a Poisson process of that rate (events/s): same seed, same instants, ids and templates.

    Raises:
        LoadError: there would be none, or too many to be kept.
    """
    count = round(rate * duration_s)
    if not 0 < count <= MOST_EVENTS:
        message = (
            f"{rate:g} events/s for {duration_s:g} s make {count} events: expected 1 to {MOST_EVENTS}. "
            "Change --rate, --scale or --duration."
        )
        raise LoadError(message)
    chance = random.Random(seed)  # noqa: S311 - reproducible, no secret
    made: list[Event] = []
    known: dict[bool, list[Event]] = {False: [], True: []}
    for number, at in enumerate(_instants(count, duration_s, chance)):
        hidden = chance.random() < hidden_share
        before = known[hidden]
        if before and chance.random() < UPDATED_SHARE:
            first = chance.choice(before)
            event = Event(number, at, first.id, first.pattern, hidden)
        else:
            event = Event(number, at, f"{prefix}-{number:06d}", chance.randrange(1 << 30), hidden)
            before.append(event)
        made.append(event)
    return tuple(made)


def _instants(count: int, duration_s: float, chance: random.Random) -> list[float]:
    return sorted(round(chance.random() * duration_s, 6) for _ in range(count))


def resource_of(event: Event, patterns: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    """Return what an event writes: a copy of a resource of the hospital, with an id and a mark of its own."""
    pattern = patterns[event.pattern % len(patterns)]
    mark = {"system": MARK, "value": f"{event.id}-{event.number}"}
    own = [one for one in _list(pattern.get("identifier")) if one.get("system") != MARK]
    return {**pattern, "id": event.id, "identifier": [*own, mark]}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

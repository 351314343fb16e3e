"""People, who think between two things that they do: the closed part of a profile.

Their pauses and what they open are drawn beforehand, so that only the seed decides; how much they send
depends on how long they wait for answers, as it does with people.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from lab.load.arrival import Arrival

PEOPLE = "chart"
"""The route of what people ask, one request each."""

OPENING = "chart-opening"
"""The route under which a whole opening is measured: from its first request to its last answer."""

_MOST = 2_000
"""Openings drawn for one person: more than a person does in a run."""


@dataclass(frozen=True)
class People:
    """``count`` persons at x1, who open one chart after the other; pauses are log-normal with that median."""

    count: float
    think_s: float
    spread: float = 0.6


@dataclass(frozen=True)
class Opening:
    """After ``think_s`` seconds, these requests leave together."""

    think_s: float
    requests: tuple[Arrival, ...]


def sessions(
    people: People, charts: Sequence[tuple[Arrival, ...]], duration_s: float, scale: float, random: Random
) -> tuple[tuple[Opening, ...], ...]:
    """Return what each person does; nobody when there is no chart to open."""
    count = max(1, round(people.count * scale)) if charts else 0
    return tuple(_session(people, charts, duration_s, random) for _ in range(count))


def _session(
    people: People, charts: Sequence[tuple[Arrival, ...]], duration_s: float, random: Random
) -> tuple[Opening, ...]:
    openings: list[Opening] = []
    # Somebody is in the middle of a pause when the run begins: not everybody starts at once.
    pause = random.random() * people.think_s
    at = pause
    while at < duration_s and len(openings) < _MOST:
        openings.append(Opening(round(pause, 3), random.choice(charts)))
        pause = random.lognormvariate(math.log(people.think_s), people.spread)
        at += pause
    return tuple(openings)

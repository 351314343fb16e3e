"""People, who think between two things that they do: the closed part of a profile.

Their pauses and what they open are decided by the seed alone; how much they send
depends on how long they wait for answers, as it does with people.
"""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Self

from lab.load.arrival import Arrival, read_arrival

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


@dataclass(frozen=True)
class Crowd(Collection[tuple[Opening, ...]]):
    """``count`` persons, each of whom goes on for ``duration_s``: every ``step``-th, from ``first`` on.

    What one does is drawn from a seed of one's own, while it is done: it takes no memory beforehand.
    """

    people: People
    charts: tuple[tuple[Arrival, ...], ...]
    duration_s: float
    seed: str
    count: int
    first: int = 0
    step: int = 1

    def __len__(self) -> int:
        """Return how many persons there are."""
        return len(range(self.first, self.count, self.step))

    def __iter__(self) -> Iterator[tuple[Opening, ...]]:
        """Yield all that each person does."""
        return map(tuple, self.lives())

    def __contains__(self, one: object) -> bool:
        """Tell whether somebody does just that."""
        return any(one == other for other in self)

    def lives(self) -> Iterator[Iterator[Opening]]:
        """Yield what each person does, one opening after the other."""
        return map(self._life, range(self.first, self.count, self.step))

    def share(self, worker: int, workers: int) -> Self:
        """Return the persons that one of several generators plays."""
        return replace(self, first=worker, step=workers)

    def _life(self, number: int) -> Iterator[Opening]:
        random = Random(f"{self.seed}:{number}")  # noqa: S311 - a reproducible schedule, no secret
        # Somebody is in the middle of a pause when the run begins: not everybody starts at once.
        pause = random.random() * self.people.think_s
        at = pause
        for _ in range(_MOST):
            if at >= self.duration_s:
                return
            yield Opening(round(pause, 3), random.choice(self.charts))
            pause = random.lognormvariate(math.log(self.people.think_s), self.people.spread)
            at += pause


def crowd(
    people: People, charts: tuple[tuple[Arrival, ...], ...], duration_s: float, scale: float, seed: str
) -> Crowd | tuple[()]:
    """Return the people of a plan; nobody when there is no chart to open."""
    return Crowd(people, charts, duration_s, seed, max(1, round(people.count * scale))) if charts else ()


def read_crowd(data: dict[str, Any]) -> Crowd:
    """Return what was written as JSON."""
    people, charts = data.pop("people"), data.pop("charts")
    return Crowd(People(**people), tuple(tuple(map(read_arrival, chart)) for chart in charts), **data)

"""The arrivals of a plan, drawn as they are needed: an hour takes no more memory than a second.

A Poisson process conditioned on its count is so many independent instants. The run is cut into cells of equal
chance; how many instants a cell holds is binomial given those before it, and what is asked there is drawn
without replacement. So the counts are exact, and one cell at a time is in memory. Source: L. Devroye,
Non-Uniform Random Variate Generation (1986), chapter V.3, http://luc.devroye.org/rnbookindex.html
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lab.load.arrival import TOKEN, Arrival, read_arrival
from lab.load.shape import BURST_S, Shape

Due = tuple[float, Arrival]
"""When a request leaves, in seconds, and what it is; the arrival's own instant means nothing there."""

_Block = tuple[NDArray[np.float64], NDArray[np.int64]]
_CELL = 1_024  # requests: a cell is drawn between two requests, in less than half a millisecond
_DIGITS = 6


@dataclass(frozen=True)
class Drawn(Collection[Arrival]):
    """``counts`` of each of ``ways`` are sent over ``duration_s``, each time one of its arrivals by chance.

    ``renewals`` are sent besides, ordered by time. ``seconds`` are how many fall due in each second,
    ``tokens`` how many are token requests, by persona, of all generators together. Generator ``worker`` of
    ``workers`` gets its share; the whole is what one generator gets.
    """

    ways: tuple[tuple[Arrival, ...], ...]
    counts: tuple[int, ...]
    shape: Shape
    duration_s: float
    seed: str
    renewals: tuple[Arrival, ...] = ()
    seconds: tuple[int, ...] = ()
    tokens: tuple[tuple[str, int], ...] = ()
    worker: int = 0
    workers: int = 1

    def __len__(self) -> int:
        """Return how many there are; those of a share are counted one by one."""
        if self.workers == 1:
            return sum(self.counts) + len(self.renewals)
        return sum(1 for _ in self.due())

    def __iter__(self) -> Iterator[Arrival]:
        """Yield each with its instant, in order."""
        return (replace(arrival, at=at) for at, arrival in self.due())

    def __contains__(self, one: object) -> bool:
        """Tell whether it is one of them."""
        return any(one == other for other in self)

    def due(self) -> Iterator[Due]:
        """Yield each with when it is due, in order, and hold no more than a cell of them."""
        options = [arrival for way in self.ways for arrival in way]
        waiting = iter(self.renewals)
        renewal = next(waiting, None)
        for instants, chosen in self._mine():
            for at, number in zip(instants.tolist(), chosen.tolist(), strict=True):
                while renewal is not None and renewal.at <= at:
                    yield renewal.at, renewal
                    renewal = next(waiting, None)
                yield at, options[number]
        while renewal is not None:
            yield renewal.at, renewal
            renewal = next(waiting, None)

    def share(self, worker: int, workers: int) -> Self:
        """Return what one of several generators sends; renewals are made so that each has its own."""
        return replace(self, worker=worker, workers=workers, renewals=self.renewals[worker::workers])

    def counted(self) -> Self:
        """Return the same with its ``seconds`` and ``tokens``, for which all of it is drawn once."""
        options = [arrival for way in self.ways for arrival in way]
        seconds = Counter(int(one.at) for one in self.renewals)
        numbers: NDArray[np.int64] = np.zeros(len(options), dtype=np.int64)
        for instants, chosen in self._blocks():
            numbers += np.bincount(chosen, minlength=len(options))
            held, many = np.unique(instants.astype(np.int64), return_counts=True)
            seconds.update(dict(zip(held.tolist(), many.tolist(), strict=True)))
        tokens = Counter(one.persona for one in self.renewals)
        for one, number in zip(options, numbers.tolist(), strict=True):
            if one.route == TOKEN:
                tokens[one.persona] += number
        last = max(seconds, default=-1)
        return replace(
            self,
            seconds=tuple(seconds[t] for t in range(last + 1)),
            tokens=tuple(sorted(tokens.items())),
        )

    def tokens_of(self, worker: int, workers: int) -> dict[str, int]:
        """Return how many tokens a generator asks for, by persona, the first ones left out."""
        renewed = Counter(one.persona for one in self.renewals)
        dealt = {name: total - renewed[name] for name, total in self.tokens}
        own = Counter(one.persona for one in self.renewals[worker::workers])
        return {name: own[name] + len(range(worker, total, workers)) for name, total in dealt.items()}

    def _mine(self) -> Iterator[_Block]:
        """Yield the cells of this share: all go round the generators, the tokens of each persona apart."""
        if self.workers == 1:
            yield from self._blocks()
            return
        options = [arrival for way in self.ways for arrival in way]
        rounds = ["", *sorted({one.persona for one in options if one.route == TOKEN})]
        of: NDArray[np.int64] = np.array(
            [rounds.index(one.persona) if one.route == TOKEN else 0 for one in options], dtype=np.int64
        )
        seen = [0] * len(rounds)
        for instants, chosen in self._blocks():
            whose = of[chosen]
            mine = np.zeros(len(chosen), dtype=np.bool_)
            for number in np.unique(whose).tolist():
                (places,) = np.nonzero(whose == number)
                mine[places[(seen[number] + np.arange(len(places))) % self.workers == self.worker]] = True
                seen[number] += len(places)
            yield instants[mine], chosen[mine]

    def _blocks(self) -> Iterator[_Block]:
        """Yield the whole cell by cell: instants in order, and the number of the arrival of each."""
        digest = hashlib.sha256(self.seed.encode()).digest()
        random = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16])))
        sizes = np.array([len(way) for way in self.ways], dtype=np.int64)
        first = np.cumsum(sizes) - sizes
        left = np.array(self.counts, dtype=np.int64)
        burst = self.shape.burst
        centres = -(-int(left.sum()) // burst)
        cells = -(-int(left.sum()) // max(_CELL, burst))
        late: _Block = np.zeros(0), np.zeros(0, dtype=np.int64)
        for cell in range(cells):
            here = int(random.binomial(centres, 1 / (cells - cell)))
            centres -= here
            instants = self.shape.places((cell + random.random(here)) / cells) * self.duration_s
            if burst > 1:
                spread = random.uniform(0, BURST_S, here * burst)
                instants = np.minimum(np.repeat(instants, burst) + spread, self.duration_s)[: left.sum()]
            drawn = random.multivariate_hypergeometric(left, len(instants), method="marginals")
            left -= drawn
            ways = random.permutation(np.repeat(np.arange(len(left)), drawn))
            chosen = first[ways] + (random.random(len(ways)) * sizes[ways]).astype(np.int64)
            instants = np.concatenate([late[0], np.round(instants, _DIGITS)])
            chosen = np.concatenate([late[1], chosen])
            order = np.argsort(instants, kind="stable")
            instants, chosen = instants[order], chosen[order]
            # A burst may reach beyond its cell: what it sends there comes among the arrivals of the next one.
            ends = self.shape.places(np.array([(cell + 1) / cells]))[0] * self.duration_s
            ready = len(instants) if cell == cells - 1 else int(np.searchsorted(instants, ends, "right"))
            late = instants[ready:], chosen[ready:]
            yield instants[:ready], chosen[:ready]


def read_drawn(data: dict[str, Any]) -> Drawn:
    """Return what was written as JSON."""
    shape = data.pop("shape")
    points = tuple((share, factor) for share, factor in shape["points"])
    return Drawn(
        ways=tuple(tuple(map(read_arrival, way)) for way in data.pop("ways")),
        counts=tuple(data.pop("counts")),
        shape=Shape(points, shape["burst"]),
        renewals=tuple(map(read_arrival, data.pop("renewals"))),
        seconds=tuple(data.pop("seconds")),
        tokens=tuple((name, number) for name, number in data.pop("tokens")),
        **data,
    )

"""How the rate of a profile goes over the run: straight lines between points, and bursts.

A shape is relative: 1 is the rate of the profile. The area under it decides how many requests there are.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from lab.load.error import LoadError

_BURST_S = 0.2
"""The requests of a burst leave within that time."""


@dataclass(frozen=True)
class Shape:
    """``points`` are (share of the run, factor), from share 0 to 1; two at one share are a step.

    Requests come ``burst`` together, 1 for each on its own.
    """

    points: tuple[tuple[float, float], ...] = ((0, 1), (1, 1))
    burst: int = 1

    def __post_init__(self) -> None:
        """Refuse points that are no line from the start of the run to its end."""
        shares = [share for share, _ in self.points]
        sound = len(shares) > 1 and shares[0] == 0 and shares[-1] == 1 and shares == sorted(shares)
        if not sound or any(factor < 0 for _, factor in self.points) or self.mean == 0 or self.burst < 1:
            message = (
                f"A shape goes from share 0 to share 1 with factors of 0 or more: {self.points} does not."
            )
            raise LoadError(message)

    @property
    def mean(self) -> float:
        """Return the mean factor over the run."""
        return sum(area for _, _, area in self._pieces())

    @property
    def highest(self) -> float:
        """Return the largest factor."""
        return max(factor for _, factor in self.points)

    def at(self, share: float) -> float:
        """Return the factor at a share of the run; at a step, the one after it."""
        for (a, low), (b, high) in reversed(list(pairwise(self.points))):
            if a <= share and a < b:
                return low + (high - low) * (share - a) / (b - a)
        return self.points[0][1]

    def instants(self, count: int, duration_s: float, random: Random) -> list[float]:
        """Return that many instants, sorted, in seconds: a Poisson process of that shape, given its count."""
        centres = [self._inverse(random.random()) * duration_s for _ in range(-(-count // self.burst))]
        if self.burst == 1:
            return sorted(round(at, 6) for at in centres)
        spread = (at + random.uniform(0, _BURST_S) for at in centres for _ in range(self.burst))
        return sorted(round(min(at, duration_s), 6) for at in list(spread)[:count])

    def _pieces(self) -> Iterator[tuple[tuple[float, float], tuple[float, float], float]]:
        """Yield each line with the area under it."""
        for one, two in pairwise(self.points):
            yield one, two, (two[0] - one[0]) * (one[1] + two[1]) / 2

    def _inverse(self, part: float) -> float:
        """Return the share of the run before which a part of all requests have left."""
        pieces = [piece for piece in self._pieces() if piece[2] > 0]
        ends = [0.0]
        for _, _, area in pieces:
            ends.append(ends[-1] + area)
        wanted = part * ends[-1]
        number = min(bisect_right(ends, wanted) - 1, len(pieces) - 1)
        (a, low), (b, high), area = pieces[number]
        within = (wanted - ends[number]) / area
        if low == high:
            return a + within * (b - a)
        # The area from the left is low*t + (high-low)*t*t/2, in units of the width: solved for t.
        mean = (low + high) / 2
        root = math.sqrt(low * low + 2 * (high - low) * mean * within)
        return a + (root - low) / (high - low) * (b - a)


FLAT = Shape()

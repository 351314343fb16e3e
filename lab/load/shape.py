"""How the rate of a profile goes over the run: straight lines between points, and bursts.

A shape is relative: 1 is the rate of the profile. The area under it decides how many requests there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lab.load.error import LoadError

Array = NDArray[np.float64]

BURST_S = 0.2
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

    def _pieces(self) -> Iterator[tuple[tuple[float, float], tuple[float, float], float]]:
        """Yield each line with the area under it."""
        for one, two in pairwise(self.points):
            yield one, two, (two[0] - one[0]) * (one[1] + two[1]) / 2

    def places(self, parts: Array) -> Array:
        """Return the shares of the run before which so large a part of all requests has left."""
        pieces = [piece for piece in self._pieces() if piece[2] > 0]
        a, low, b, high, area = np.array([(*one, *two, area) for one, two, area in pieces]).T
        ends = np.concatenate([[0.0], np.cumsum(area)])
        wanted = parts * ends[-1]
        number = np.minimum(np.searchsorted(ends, wanted, "right") - 1, len(pieces) - 1)
        within = (wanted - ends[number]) / area[number]
        a, low, b, high = a[number], low[number], b[number], high[number]
        # The area from the left is low*t + (high-low)*t*t/2, in units of the width: solved for t.
        rise = high - low
        level = rise == 0
        root = np.sqrt(np.maximum(low * low + rise * (low + high) * within, 0))
        found: Array = a + np.where(level, within, (root - low) / np.where(level, 1, rise)) * (b - a)
        return found


FLAT = Shape()

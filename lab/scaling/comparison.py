"""Two samples of latencies: the ratio of the second to the first, its interval, and what can be said.

Sources: H. B. Mann, D. R. Whitney, Ann. Math. Statist. 18 (1947); J. L. Hodges, E. L. Lehmann, Ann. Math.
Statist. 34 (1963). A difference is announced only beyond the interval at 99 %, so that fewer than one
comparison in a hundred of a thing with itself announces one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SMALLEST_EFFECT = 0.05
FEWEST = 5
_PRINTED, _SURE = 1.959964, 2.575829  # normal quantiles of 95 % and 99 %, both sides

Word = Literal["slower", "faster", "no difference", "cannot be said"]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """``ratio`` is second / first with its interval at 95 %; ``effect`` the chance that the second is slower.

    ``effect`` is 0.5 when neither is: the Mann-Whitney statistic as a share of all pairs.
    """

    ratio: float
    low: float
    high: float
    effect: float
    word: Word


def compare(
    first: Sequence[float], second: Sequence[float], smallest: float = SMALLEST_EFFECT
) -> Comparison | None:
    """Compare latencies above 0, one for each second or repetition; None with fewer than five on a side.

    ``smallest`` is the smallest effect that matters, as a share: 0.05 is five per cent.
    """
    if min(len(first), len(second)) < FEWEST:
        return None
    a, b = np.log(np.asarray(first, dtype=np.float64)), np.log(np.asarray(second, dtype=np.float64))
    shifts = np.sort(np.subtract.outer(b, a).ravel())
    lasting = max(_lasting(a), _lasting(b))
    low, high = _interval(shifts, len(a), len(b), _PRINTED * lasting)
    surely_low, surely_high = _interval(shifts, len(a), len(b), _SURE * lasting)
    ratio = float(np.median(shifts))
    effect = float(np.mean(shifts > 0) + np.mean(shifts == 0) / 2)
    limit = math.log1p(smallest)
    word: Word
    if ratio >= limit and surely_low > 0:
        word = "slower"
    elif ratio <= -limit and surely_high < 0:
        word = "faster"
    elif -limit < low and high < limit:
        word = "no difference"
    else:
        word = "cannot be said"
    return Comparison(math.exp(ratio), math.exp(low), math.exp(high), effect, word)


def _interval(shifts: Array, m: int, n: int, z: float) -> tuple[float, float]:
    """Return the two shifts between which the true one lies (large-sample form); unbounded with too few."""
    rank = math.floor(m * n / 2 - z * math.sqrt(m * n * (m + n + 1) / 12))
    if rank < 1:
        return -math.inf, math.inf
    return float(shifts[rank - 1]), float(shifts[-rank])


def _lasting(values: Array) -> float:
    """Return how much wider an interval is when neighbours resemble each other (autocorrelation at lag 1)."""
    away = values - values.mean()
    squares = float(away @ away)
    resemblance = float(away[1:] @ away[:-1]) / squares if squares > 0 else 0.0
    # Below this it cannot be told from chance, and widening for it would only blur.
    if resemblance < _PRINTED / math.sqrt(len(values)):
        return 1.0
    resemblance = min(resemblance, 0.9)
    return math.sqrt((1 + resemblance) / (1 - resemblance))

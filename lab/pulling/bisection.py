"""The highest rate that an application keeps up with: doubled while it does, then halved between two rates.

The middle is the geometric one, because what is asked is "how many times more".
"""

from collections.abc import Callable
from math import sqrt

HIGHEST_RATE = 500.0
"""Events a second beyond which the hospital of one process is the limit."""
_CLOSE = 1.1


def search(first: float, steps: int, sustained: Callable[[float], bool | None]) -> None:
    """Try rates (events/s) from ``first`` on, so many at most; a rate of which nothing is known ends it.

    ``sustained`` plays one rate, and answers None when the run was not valid.
    """
    low, high, rate = 0.0, 0.0, first
    for _ in range(steps):
        verdict = sustained(rate)
        if verdict is None:
            return
        if verdict:
            low = rate
        else:
            high = rate
        if low >= HIGHEST_RATE or (low and high and high / low < _CLOSE):
            return
        rate = min(HIGHEST_RATE, 2 * low) if not high else high / 2 if not low else sqrt(low * high)

"""The knee: the concurrency from which a further caller brings less than half of what the first brought."""

from collections.abc import Sequence
from itertools import pairwise

HALF = 0.5
LONG_TAIL = 5.0


def knee(levels: Sequence[tuple[int, float]], rate: float) -> int | None:
    """Return the first concurrency beyond which throughput rises by less than half of ``rate`` per caller.

    ``levels`` are pairs of a concurrency and its requests/s, in order; ``rate`` is that of one caller.
    """
    for (fewer, slower), (more, faster) in pairwise(levels):
        if (faster - slower) / (more - fewer) < HALF * rate:
            return more
    return None


def has_long_tail(p50: float, p99: float) -> bool:
    """Tell whether some requests wait for many others, as they do beyond a knee."""
    return p99 > LONG_TAIL * p50

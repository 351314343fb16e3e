"""The fitted law as points of a curve, for whoever draws it: what a size takes by the law, and its band."""

from collections import defaultdict
from collections.abc import Sequence
from math import exp, log
from statistics import fmean, median

from lab.model.scaling import SizeLaw, SizePoint
from lab.model.words import Growth


def drawn(sizes: Sequence[int], latencies: Sequence[float], law: SizeLaw) -> tuple[SizePoint, ...]:
    """Return a point for each size, in order; latencies in ms, one for each repetition of each size."""
    at: defaultdict[int, list[float]] = defaultdict(list)
    for size, latency in zip(sizes, latencies, strict=True):
        at[size].append(latency)
    middle_x, middle_y = median(map(log, sizes)), median(map(log, latencies))

    def line(size: int, slope: float) -> float:
        return exp(middle_y + slope * (log(size) - middle_x))

    points = []
    for size, seen in sorted(at.items()):
        if law.growth is Growth.EXPONENTIAL:
            low = fitted = high = _exponential(size, sizes, latencies)
        else:
            fitted = line(size, law.slope)
            low, high = sorted((line(size, law.low), line(size, law.high)))
        points.append(SizePoint(size, median(seen), min(seen), max(seen), fitted, low, high))
    return tuple(points)


def _exponential(size: int, sizes: Sequence[int], latencies: Sequence[float]) -> float:
    """Return the value of the least-squares line of ln(latency) on size."""
    x, y = fmean(sizes), fmean(map(log, latencies))
    away = [one - x for one in sizes]
    slope = sum(a * log(b) for a, b in zip(away, latencies, strict=True)) / sum(a * a for a in away)
    return exp(y + slope * (size - x))

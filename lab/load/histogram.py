"""A histogram of durations in logarithmic buckets of 0.5 %, which adds up without loss.

Percentiles of sums are exact to the bucket; percentiles are never averaged.
"""

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Self

import numpy as np

LOWEST_S = 50e-6
HIGHEST_S = 300.0
RATIO = 1.005
_LOG_RATIO = math.log(RATIO)
_FEW = 32  # fewer than that are sooner done one by one


class Histogram:
    """Counts of durations, from 50 us to 300 s; what lies beyond goes to the first or last bucket."""

    def __init__(self, buckets: Mapping[int, int] | None = None) -> None:
        """Start from recorded buckets, or empty."""
        self.buckets: Counter[int] = Counter(buckets)

    def add(self, seconds: float) -> None:
        """Count one duration."""
        bounded = min(max(seconds, LOWEST_S), HIGHEST_S)
        self.buckets[int(math.log(bounded / LOWEST_S) / _LOG_RATIO)] += 1

    @classmethod
    def of(cls, seconds: "array[float]") -> Self:
        """Return the histogram of many durations, as ``add`` makes it of each."""
        if len(seconds) < _FEW:
            histogram = cls()
            for one in seconds:
                histogram.add(one)
            return histogram
        bounded = np.clip(np.frombuffer(seconds), LOWEST_S, HIGHEST_S)
        buckets = (np.log(bounded / LOWEST_S) / _LOG_RATIO).astype(np.int64)
        which, counts = np.unique(buckets, return_counts=True)
        return cls(dict(zip(which.tolist(), counts.tolist(), strict=True)))

    def percentile(self, rank: float) -> float | None:
        """Return the ``rank``-th percentile (0-100) in milliseconds, by nearest rank; None when empty."""
        total = self.buckets.total()
        if total == 0:
            return None
        wanted = max(1, math.ceil(total * rank / 100))
        seen = 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= wanted:
                break
        return middle_ms(bucket)


def middle_ms(bucket: int) -> float:
    """Return the geometric middle of a bucket: never further than half a bucket from what was measured."""
    return LOWEST_S * math.exp((bucket + 0.5) * _LOG_RATIO) * 1000


def total(histograms: Iterable[Histogram]) -> Histogram:
    """Return the sum of histograms."""
    merged = Histogram()
    for histogram in histograms:
        merged.buckets.update(histogram.buckets)
    return merged

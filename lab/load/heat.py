"""Latencies of one second in few, wide bins: what a heat map needs, and small enough for the run document."""

import math
from collections import Counter

from lab.load.histogram import Histogram, middle_ms

BINS_A_DECADE = 5


def heat(latencies: Histogram) -> tuple[tuple[int, int], ...]:
    """Return (bin, count) pairs in the order of bins; bin b holds 10^(b/5) to 10^((b+1)/5) ms."""
    counts: Counter[int] = Counter()
    for bucket, count in latencies.buckets.items():
        counts[math.floor(BINS_A_DECADE * math.log10(middle_ms(bucket)))] += count
    return tuple(sorted(counts.items()))

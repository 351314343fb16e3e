"""How sure a measured percentile or share is: intervals at 95 %, from counts alone.

Sources: order statistics (Hahn and Meeker, Statistical Intervals, 1991), E. B. Wilson, JASA 22 (1927).
"""

import math

from lab.load.histogram import Histogram

_Z = 1.96

Interval = tuple[float | None, float | None]


def of_percentile(histogram: Histogram, rank: float) -> Interval:
    """Return between which two samples the true percentile is, in ms; None beyond the last sample."""
    count, share = histogram.buckets.total(), rank / 100
    spread = _Z * math.sqrt(count * share * (1 - share))
    low, high = math.floor(count * share - spread), math.ceil(count * share + spread) + 1
    return (
        histogram.percentile(100 * low / count) if low >= 1 else None,
        histogram.percentile(100 * high / count) if high <= count else None,
    )


def of_share(part: int, whole: int) -> tuple[float, float]:
    """Return between which two shares the true one is."""
    share, squared = part / whole, _Z * _Z
    middle = (share + squared / (2 * whole)) / (1 + squared / whole)
    spread = (
        _Z / (1 + squared / whole) * math.sqrt(share * (1 - share) / whole + squared / (4 * whole * whole))
    )
    return max(0.0, middle - spread), min(1.0, middle + spread)

"""The lag, that is how many events happened and were not yet delivered; and whether it grows.

The lag of a poller is a saw: what tells is the height of its teeth, the lag just before each delivery. The
slope is that of Theil and Sen over them. Source: P. K. Sen, JASA 63 (1968),
https://doi.org/10.1080/01621459.1968.10480934
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from lab.model.pulling import Slope
from lab.pulling.pairing import Pair

_LEAST_EVENTS = 10
_LEAST_POINTS = 5
_MOST_POINTS = 200
_SILENT_PARTS = 3
"""Parts after the last delivery of all from which on the lag counts although nothing is delivered."""
NOISE_SHARE = 0.01
"""A lag that grows by less than that share of the rate is not told from the chance of arrivals."""

Span = tuple[float, float]


class Lag:
    """The lag at any instant, in seconds of the journal, of the events of these pairs."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._committed = sorted(pair.commit.t for pair in pairs)
        # An answer may overtake that of the write: nothing is delivered before it happened.
        self._delivered = sorted(
            max(pair.delivered, pair.commit.t) for pair in pairs if pair.delivered is not None
        )

    def at(self, t: float) -> int:
        """Return how many events were waiting."""
        return bisect_right(self._committed, t) - bisect_right(self._delivered, t)

    def highest(self, begins: float, ends: float) -> int:
        """Return the highest value over a span of time."""
        turns = [t for t in (*self._committed, *self._delivered) if begins <= t <= ends]
        return max((self.at(t) for t in (begins, *turns)), default=0)

    def last_delivery(self, t: float) -> float:
        """Return when something was last delivered before an instant; minus infinity when nothing was."""
        before = bisect_left(self._delivered, t)
        return self._delivered[before - 1] if before else float("-inf")


def slope(
    pairs: Sequence[Pair], begins: float, ends: float, interval_s: float, left_out: Sequence[Span]
) -> Slope | None:
    """Return how the lag grows from ``begins`` to ``ends``, spans left out; None when too little is known.

    The run is cut into parts of one poll interval. The first is left out, when everything is still fresh.
    """
    if len(pairs) < _LEAST_EVENTS:
        return None
    lag, width = Lag(pairs), max(interval_s, (ends - begins) / _MOST_POINTS)
    final = lag.last_delivery(ends)
    points = []
    for number in range(1, int((ends - begins) / width + 1e-9)):
        left, right = begins + number * width, begins + (number + 1) * width
        if any(a < right and left < b for a, b in left_out):
            continue
        last = lag.last_delivery(right)
        if last >= left:
            points.append(((left + right) / 2, lag.highest(left, right)))
        elif last == final and right - last > _SILENT_PARTS * width:
            points.append((right, lag.at(right)))
    return _fitted(points)


def ageing(
    pairs: Sequence[Pair], begins: float, ends: float, interval_s: float, left_out: Sequence[Span]
) -> Slope | None:
    """Return how the age of the oldest news of a poll grows, in s/s; None when too little is known.

    It hardly depends on the chance of arrivals: who polls later and later is seen after a few polls.
    """
    width = max(interval_s, (ends - begins) / _MOST_POINTS)
    oldest: dict[int, tuple[float, float]] = {}
    for pair in pairs:
        if pair.delivered is None or not begins + width <= pair.delivered < ends:
            continue
        if not any(a <= pair.delivered < b for a, b in left_out):
            part, age = int((pair.delivered - begins) / width), pair.delivered - pair.commit.t
            oldest[part] = max(oldest.get(part, (0.0, 0.0)), (age, pair.delivered))
    return _fitted([(t, age) for age, t in oldest.values()])


def _fitted(points: Sequence[tuple[float, float]]) -> Slope | None:
    if len(points) < _LEAST_POINTS:
        return None
    from scipy.stats import theilslopes  # noqa: PLC0415 - slow to come

    found = theilslopes([height for _, height in points], [t for t, _ in points], 0.95)
    value, _, low, high = (float(one) for one in found)
    return Slope(round(value, 5), round(low, 5), round(high, 5), len(points))


AGEING_NOISE = 0.01
"""News that age by less, in seconds a second, are not told from the chance of a busy machine."""


def grows(found: Slope, rate: float) -> bool:
    """Tell whether the lag grows beyond doubt, at that rate of events a second."""
    return found.low > NOISE_SHARE * rate

"""The course of a run: what had happened, what was delivered, what was asked, second by second."""

from collections.abc import Sequence

from lab.model.pulling import Instant
from lab.pulling.asked import Asked
from lab.pulling.pairing import Pair

_MOST_POINTS = 240


def series(
    known: Sequence[Pair], requests: Sequence[Asked], begun: float, ended: float
) -> tuple[Instant, ...]:
    """Return what happened in each second, or in each of at most 240 equal parts of the run."""
    width = max(1.0, (ended - begun) / _MOST_POINTS)
    points = []
    for number in range(max(1, int((ended - begun) / width))):
        left, right = begun + number * width, begun + (number + 1) * width
        arrived = [pair for pair in known if pair.delivered is not None and left <= pair.delivered < right]
        ages = [pair.staleness_s for pair in arrived if pair.staleness_s is not None]
        points.append(
            Instant(
                t=round(number * width, 3),
                committed=sum(pair.commit.t < right for pair in known),
                delivered=sum(pair.delivered is not None and pair.delivered < right for pair in known),
                staleness=round(max(ages), 4) if ages else None,
                requests=sum(left <= one.t < right for one in requests),
            )
        )
    return tuple(points)

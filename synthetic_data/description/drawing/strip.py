"""A result in one line: usual range as a grey band, the middle nine tenths as a line, the median as a dot."""

from dataclasses import dataclass

from synthetic_data.description.drawing.marks import rounded
from synthetic_data.description.portraits.laboratory import TestPortrait

WIDTH = 120
_MARGIN = 4


@dataclass(frozen=True, slots=True)
class Strip:
    """Places from left to right on a strip of WIDTH; the band is None without a usual range."""

    low: float
    high: float
    median: float
    band: tuple[float, float] | None


def strip(test: TestPortrait) -> Strip | None:
    """Place the values between the extremes of what is shown; None for findings, which have no number."""
    if test.p5 is None or test.p95 is None or test.median is None:
        return None
    values = [test.p5, test.p95, *(bound for bound in (test.low, test.high) if bound is not None)]
    least, most = min(values), max(values)
    if test.low is None and test.high is not None:
        least = min(least, 0.0)
    span = most - least or 1.0

    def place(value: float) -> float:
        return rounded(_MARGIN + (value - least) / span * (WIDTH - 2 * _MARGIN))

    unbounded = test.low is None and test.high is None
    band = None if unbounded else (
        place(least if test.low is None else test.low), place(most if test.high is None else test.high)
    )  # fmt: skip
    return Strip(place(test.p5), place(test.p95), place(test.median), band)

"""Two laws of growth side by side: the difference of their slopes, its interval, and what can be said.

The interval is recovered from those of the slopes. Source: G. Y. Zou, A. Donner, Statistics in Medicine 27
(2008), https://doi.org/10.1002/sim.3095
"""

from dataclasses import dataclass
from math import hypot
from typing import Literal

from lab.model.scaling import SizeLaw
from lab.model.words import Growth

SMALLEST_DIFFERENCE = 0.1
"""Of slopes: 0.1 is 7 % for each doubling of the patients, one limit between classes apart."""

Steepness = Literal["steeper", "flatter", "no difference", "cannot be said"]


@dataclass(frozen=True)
class Contrast:
    """The class of each, and second - first with its interval at 95 %."""

    first: Growth
    second: Growth
    difference: float
    low: float
    high: float
    word: Steepness


def contrast(first: SizeLaw, second: SizeLaw) -> Contrast:
    """Compare two laws by size."""
    difference = second.slope - first.slope
    low = difference - hypot(second.slope - second.low, first.high - first.slope)
    high = difference + hypot(second.high - second.slope, first.slope - first.low)
    return Contrast(
        first.growth, second.growth, difference, low, high, _word(first, second, difference, (low, high))
    )


def _word(first: SizeLaw, second: SizeLaw, difference: float, sure: tuple[float, float]) -> Steepness:
    exponential = first.growth is Growth.EXPONENTIAL, second.growth is Growth.EXPONENTIAL
    if exponential == (False, True):  # a mean slope says little of a curve: the classes do
        return "steeper" if first.growth is not Growth.INDETERMINATE else "cannot be said"
    if exponential == (True, False):
        return "flatter" if second.growth is not Growth.INDETERMINATE else "cannot be said"
    low, high = sure
    if low > 0 and difference >= SMALLEST_DIFFERENCE:
        return "steeper"
    if high < 0 and difference <= -SMALLEST_DIFFERENCE:
        return "flatter"
    return "no difference" if low > -SMALLEST_DIFFERENCE and high < SMALLEST_DIFFERENCE else "cannot be said"

"""Round graduations: from 0 to a round number at or above the highest value."""

import math
from dataclasses import dataclass

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Axis:
    """`ticks` from 0 on; the last one is the end of the axis."""

    ticks: tuple[float, ...]

    @property
    def top(self) -> float:
        """Give the value at the end of the axis."""
        return self.ticks[-1]

    def share(self, value: float) -> float:
        """Give the place of a value, from 0 to 1."""
        return min(1.0, max(0.0, value / self.top))


def axis_to(highest: float, wanted: int = 4) -> Axis:
    """Make an axis in steps of 1, 2 or 5 times a power of ten."""
    highest = highest if highest > 0 else 1.0
    power = 10.0 ** math.floor(math.log10(highest / wanted))
    step = next(
        power * factor for factor in (1, 2, 5, 10) if power * factor * wanted >= highest * (1 - _ROUNDING)
    )
    count = max(1, math.ceil(highest / step - _ROUNDING))
    return Axis(tuple(round(step * rank, 9) for rank in range(count + 1)))

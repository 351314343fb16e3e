"""Scales and round graduations of the plots: linear for counts, logarithmic for latencies, clock for time."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from reports.figures import Pair

_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
_FULL_RATIO = 100
_MINUTES_FROM_S = 240
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Axis:
    """Round graduations and where a value stands between the two ends, from 0 to 1."""

    ticks: tuple[float, ...]
    place: Callable[[float], float]


def linear_axis(highest: float, wanted: int = 4) -> Axis:
    """Return an axis from 0 to a round number at or above ``highest``, in steps of 1, 2 or 5."""
    highest = max(highest, 1.0)
    power = 10.0 ** math.floor(math.log10(highest / wanted))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor * wanted >= highest)
    # Arrivals and errors are counted in whole numbers: no graduation between two of them.
    step = max(1.0, step)
    top = step * math.ceil(highest / step - _ROUNDING)
    ticks = tuple(step * n for n in range(round(top / step) + 1))
    return Axis(ticks, lambda value: min(1.0, max(0.0, value / top)))


def log_axis(lowest: float, highest: float) -> Axis:
    """Return a logarithmic axis whose ends, of the 1-2-5 series, hold both values (at least 0.1)."""
    lowest = max(lowest, 0.1)
    powers = range(math.floor(math.log10(lowest)) - 1, math.ceil(math.log10(max(highest, lowest))) + 2)
    series = [round(factor * 10.0**power, 9) for power in powers for factor in (1, 2, 5)]
    # Strictly below, so that no curve runs along the frame.
    low = max(value for value in series if value < lowest)
    high = min(value for value in series if value >= highest and value > low)
    whole = high / low <= _FULL_RATIO
    ticks = tuple(value for value in series if low <= value <= high and (whole or _is_power_of_ten(value)))

    def place(value: float) -> float:
        share = math.log(max(value, low) / low) / math.log(high / low)
        return min(1.0, share)

    return Axis(ticks, place)


def _is_power_of_ten(value: float) -> bool:
    return math.isclose(math.log10(value), round(math.log10(value)), abs_tol=_ROUNDING)


def time_axis(last: int, wanted: int = 10) -> Axis:
    """Return the axis of the seconds 0..``last``, graduated in round numbers of seconds or minutes."""
    span = max(last, 1)
    step = next((step for step in _STEPS_S if span / step <= wanted), math.ceil(span / wanted))
    ticks = tuple(float(t) for t in range(0, span + 1, step))
    return Axis(ticks, lambda value: min(1.0, max(0.0, value / span)))


def clock_text(t: float, last: float) -> Pair:
    """Return what is written at second ``t`` of an axis that ends at ``last``, in seconds or minutes."""
    text = f"{t / 60:g} min" if last >= _MINUTES_FROM_S else f"{t:g} s"
    return {"fr": text.replace(".", ","), "en": text}

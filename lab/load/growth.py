"""Whether memory or latency grows while the load stays the same: ``memory: growth < 20%``.

The growth is that of the whole run in per cent of where it began, by the slope of Theil and Sen; the first
quarter is left out, when caches fill. It is met only when the 95 % interval lies within the limit: a run too
short to tell shows nothing. Source: P. K. Sen, JASA 63 (1968),
https://doi.org/10.1080/01621459.1968.10480934
"""

import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lab.model.load import Second, Threshold, Usage

MEMORY, LATENCY = "memory", "latency"
APPLICATION = "application"
Points = Sequence[tuple[float, float]]

_WARM = 0.25
_LEAST = 12
_MOST = 600
"""Points, after which neighbours are drawn together: all pairs of them are looked at."""
_GRAMMAR = re.compile(rf"({MEMORY}|{LATENCY})\s*:\s*growth\s*<\s*(\d+(?:\.\d+)?)\s*%")


@dataclass(frozen=True)
class Growth:
    """A threshold on growth, read; ``limit`` is in per cent of the beginning, over the run."""

    expression: str
    measure: str
    limit: float

    def judge(self, points: Points, duration_s: float) -> Threshold:
        """Return the threshold over (second, value) points; without enough of them it is not met."""
        warm = [(t, value) for t, value in points if t >= _WARM * duration_s]
        if len(warm) < _LEAST:
            return Threshold(self.expression, None, met=False, samples=len(warm))
        from scipy.stats import theilslopes  # noqa: PLC0415 - seconds to import, and few runs need it

        times, values = zip(*_thinned(warm), strict=True)
        slope, intercept, low, high = theilslopes(values, times, alpha=0.95)
        began = max(float(intercept + slope * times[0]), min(values)) or 1.0
        growth, least, most = (100 * float(one) * duration_s / began for one in (slope, low, high))
        return Threshold(self.expression, growth, most < self.limit, len(warm), least, most)


def read_growth(expression: str) -> Growth | None:
    """Return the threshold that an expression says, None when it is about something else."""
    match = _GRAMMAR.fullmatch(expression.strip())
    return Growth(expression, match[1], float(match[2])) if match else None


def points(measure: str, series: Iterable[Second], usage: Iterable[Usage]) -> Points:
    """Return what a threshold on growth looks at: the memory of the application, or p95 of each second."""
    if measure == MEMORY:
        return [(one.t, float(one.memory)) for one in usage if one.name == APPLICATION]
    return [(float(second.t), second.p95) for second in series if second.p95 is not None]


def measurable(thresholds: Iterable[str], processes: Iterable[str]) -> tuple[str, ...]:
    """Return the thresholds that can be judged: the memory of an application elsewhere is not known."""
    known = APPLICATION in set(processes)
    return tuple(
        one for one in thresholds if known or not ((growth := read_growth(one)) and growth.measure == MEMORY)
    )


def _thinned(found: Points) -> Points:
    width = -(-len(found) // _MOST)
    parts = [found[start : start + width] for start in range(0, len(found), width)]
    return [tuple(statistics.median(column) for column in zip(*part, strict=True)) for part in parts]

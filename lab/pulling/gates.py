"""The thresholds of a pull under load, in the grammar of the other thresholds; without a sample none is met.

``[measure:] aggregate operator limit``: ``staleness: p95 < interval + 5s``, ``recovery: max < 60s``,
``coverage == 100%``, ``duplicates < 20``, ``lag_slope <= 0``, ``age_slope <= 0``, ``loss == 0``. A limit is a
sum of durations; ``interval`` is the poll interval of the manifest, ``2 interval`` twice that.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lab.load.error import LoadError
from lab.load.gates import OPERATORS
from lab.load.histogram import Histogram
from lab.load.interval import of_percentile, of_share
from lab.model.load import Threshold
from lab.model.pulling import Aftermath, Slope
from lab.pulling.lag import AGEING_NOISE, NOISE_SHARE

_TIMES = ("staleness", "recovery")
_COUNTS = ("loss", "early_retries", "hot_loops", "surplus_tokens")
_RATIOS = ("duplicates", "rereads", "requests_per_event", "bytes_per_event")
_ALONE = (*_COUNTS, *_RATIOS, "lag_slope", "age_slope", "coverage")
_GRAMMAR = re.compile(
    r"(?:(?P<measure>\w+)\s*:\s*)?(?P<aggregate>\w+(?:\.\d+)?)\s*(?P<operator><=|>=|==|<|>)\s*(?P<limit>.+)"
)
_RANK = re.compile(r"p(\d{1,2}(?:\.\d+)?)")
_TERM = re.compile(r"(?:(?P<times>\d+(?:\.\d+)?)\s*)?interval|(?P<amount>\d+(?:\.\d+)?)\s*(?P<unit>ms|s)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
LOST_S = 300.0
"""What was never delivered stands among the ages as that old, so that losing it does not look fast."""


@dataclass(frozen=True)
class Seen:
    """What thresholds are judged on. ``ages`` are in seconds, ``LOST_S`` for what was never delivered.

    ``ratios`` and ``counts`` are by the names of the grammar; None is what could not be measured.
    """

    interval_s: float
    rate: float
    events: int
    delivered: int
    ages: tuple[float, ...]
    slope: Slope | None
    ageing: Slope | None
    faults: tuple[Aftermath, ...]
    ratios: dict[str, float | None]
    counts: dict[str, int]


def judge(expression: str, seen: Seen) -> Threshold:
    """Return the threshold with its value; not met when nothing was measured.

    Raises:
        LoadError: the expression cannot be read.
    """
    match = _read(expression)
    measure, aggregate = match["measure"] or "", match["aggregate"]
    holds = OPERATORS[match["operator"]]
    if measure == "staleness":
        return _age(expression, aggregate, holds, _seconds(match["limit"], seen.interval_s), seen)
    if measure == "recovery":
        return _recovery(expression, holds, _seconds(match["limit"], seen.interval_s), seen)
    limit = float(match["limit"].removesuffix("%"))
    if aggregate == "coverage":
        return _coverage(expression, holds, limit, seen)
    if aggregate == "lag_slope":
        return _slope(expression, holds, limit, seen.slope, NOISE_SHARE * seen.rate)
    if aggregate == "age_slope":
        return _slope(expression, holds, limit, seen.ageing, AGEING_NOISE)
    # "Nothing lost" is only shown by events that a fault put at risk.
    samples = sum(one.at_risk for one in seen.faults) if aggregate == "loss" else seen.events
    value = seen.ratios[aggregate] if aggregate in _RATIOS else float(seen.counts[aggregate])
    met = value is not None and samples > 0 and holds(value, limit)
    return Threshold(expression, value if samples else None, met, samples)


def check(expression: str) -> None:
    """Read an expression, for nothing but to know whether it can be read.

    Raises:
        LoadError: with what was expected and what was seen.
    """
    _read(expression)


def _read(expression: str) -> re.Match[str]:
    match = _GRAMMAR.fullmatch(expression.strip())
    if match is None or not _sound(match["measure"], match["aggregate"], match["limit"].strip()):
        message = (
            f"Cannot read the threshold {expression!r}: expected 'staleness: p95 < interval + 5s', "
            f"'recovery: max < 60s', 'coverage == 100%', or one of {', '.join(_ALONE)} with a number."
        )
        raise LoadError(message)
    return match


def _sound(measure: str | None, aggregate: str, limit: str) -> bool:
    if measure in _TIMES:
        known = ("max",) if measure == "recovery" else ("mean", "max")
        named = aggregate in known or (measure == "staleness" and _RANK.fullmatch(aggregate) is not None)
        return named and all(_TERM.fullmatch(term.strip()) for term in limit.split("+"))
    number = limit.removesuffix("%") if aggregate == "coverage" else limit
    return measure is None and aggregate in _ALONE and _NUMBER.fullmatch(number) is not None


def _seconds(limit: str, interval_s: float) -> float:
    total = 0.0
    for text in limit.split("+"):
        term = _TERM.fullmatch(text.strip())
        if term is None:  # _sound has seen it
            continue
        if term["unit"]:
            total += float(term["amount"]) * (0.001 if term["unit"] == "ms" else 1.0)
        else:
            total += float(term["times"] or 1) * interval_s
    return total


def _age(
    expression: str, aggregate: str, holds: Callable[[float, float], bool], limit: float, seen: Seen
) -> Threshold:
    """Judge how old news was, in seconds, with the interval of a percentile."""
    count = len(seen.ages)
    if not count:
        return Threshold(expression, None, met=False, samples=0)
    low: float | None = None
    high: float | None = None
    if rank := _RANK.fullmatch(aggregate):
        ages = Histogram()
        for age in seen.ages:
            ages.add(age)
        value = (ages.percentile(float(rank[1])) or 0.0) / 1000
        low, high = (None if one is None else one / 1000 for one in of_percentile(ages, float(rank[1])))
    else:
        value = max(seen.ages) if aggregate == "max" else sum(seen.ages) / count
    return Threshold(expression, round(value, 4), holds(value, limit), count, _rounded(low), _rounded(high))


def _recovery(expression: str, holds: Callable[[float, float], bool], limit: float, seen: Seen) -> Threshold:
    """Judge the slowest return to normal, in seconds; one that never came meets nothing."""
    known = [one.recovery_s for one in seen.faults if one.recovery_s is not None]
    value = max(known) if known and len(known) == len(seen.faults) else None
    return Threshold(expression, value, value is not None and holds(value, limit), len(seen.faults))


def _coverage(expression: str, holds: Callable[[float, float], bool], limit: float, seen: Seen) -> Threshold:
    """Judge the share of events that were delivered, in per cent."""
    if not seen.events:
        return Threshold(expression, None, met=False, samples=0)
    low, high = of_share(seen.delivered, seen.events)
    value = 100 * seen.delivered / seen.events
    return Threshold(expression, round(value, 3), holds(value, limit), seen.events, 100 * low, 100 * high)


def _slope(
    expression: str, holds: Callable[[float, float], bool], limit: float, found: Slope | None, noise: float
) -> Threshold:
    """Judge what grows: missed only when its whole interval is beyond the limit, and beyond noise."""
    if found is None:
        return Threshold(expression, None, met=False, samples=0)
    met = holds(found.low - noise, limit)
    return Threshold(expression, found.value, met, found.samples, found.low, found.high)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)

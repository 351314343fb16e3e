"""The grammar of thresholds and their judgement; a threshold without a sample is never met.

``[route:] aggregate operator value[unit] [min samples] [abort]``, for example ``poll: p95 < 100ms``,
``leaks == 0`` or ``all: p99 < 1s min 200``; ``memory: growth < 20%`` is of ``growth.py``, ``invalid == 0`` of
``soundness.py``. The route defaults to ``all``; with fewer samples than asked it is not met. ``abort`` ends
the run as soon as it is not met any more; a limit on leaks always does.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lab.load.error import LoadError
from lab.load.growth import Growth, read_growth
from lab.load.histogram import total
from lab.load.interval import Interval, of_percentile, of_share
from lab.load.record import Cell, Key
from lab.load.reserved import BESIDE
from lab.load.soundness import Soundness, read_soundness
from lab.model.load import Threshold

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}
_PER_MS = {"ms": 1.0, "s": 0.001}
_PER_ONE = {"%": 100.0, "": 1.0}
_COUNTS = ("requests", "errors", "leaks", "refusals")
_OUTCOMES = {"errors": "error", "leaks": "leak", "refusals": "refusal"}
_GRAMMAR = re.compile(
    r"(?:(?P<route>[\w-]+)\s*:)?\s*(?P<aggregate>\w+(?:\.\d+)?)\s*(?P<operator><=|>=|==|<|>)\s*"
    r"(?P<limit>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|%|)(?:\s+min\s+(?P<least>\d+))?"
    r"(?P<abort>\s+abort)?"
)


@dataclass(frozen=True)
class Gate:
    """A threshold, read: ``limit`` and the judged value are both in ``unit``."""

    expression: str
    route: str
    aggregate: str
    operator: str
    limit: float
    unit: str
    least: int = 1
    aborts: bool = False

    def is_missed(self, cells: Mapping[Key, Cell]) -> bool:
        """Tell whether what was measured so far, in enough samples, is over the limit."""
        judged = self.judge(cells)
        return judged.value is not None and judged.samples >= self.least and not judged.met

    def judge(self, cells: Mapping[Key, Cell]) -> Threshold:
        """Return the threshold with its value, or not met when nothing, or too little, was measured."""
        chosen = {key: cell for key, cell in cells.items() if self._is_about(key.route)}
        value, samples, (low, high) = self._measure(chosen)
        met = value is not None and samples >= self.least and OPERATORS[self.operator](value, self.limit)
        return Threshold(self.expression, value, met, samples, low, high)

    def _is_about(self, route: str) -> bool:
        """Tell whether a route counts; all of them are all requests, and an opening is several."""
        return route == self.route or (self.route == "all" and route not in BESIDE)

    def _measure(self, cells: Mapping[Key, Cell]) -> tuple[float | None, int, Interval]:
        """Return the value in the unit of the gate, the samples that it rests on, and how sure it is."""
        requests = sum(cell.count for cell in cells.values())
        if not requests:
            return None, 0, (None, None)
        if self.aggregate.startswith("p"):
            return self._percentile(cells, requests)
        if self.aggregate == "error_rate":
            errors, per = _outcomes(cells, "error"), _PER_ONE[self.unit]
            low, high = of_share(errors, requests)
            return errors / requests * per, requests, (low * per, high * per)
        # "No leak" is only shown by answers that were probed for one.
        samples = _outcomes(cells, "refusal", "leak") if self.aggregate == "leaks" else requests
        counted = requests if self.aggregate == "requests" else _outcomes(cells, _OUTCOMES[self.aggregate])
        return (float(counted) if samples else None), samples, (None, None)

    def _percentile(self, cells: Mapping[Key, Cell], requests: int) -> tuple[float | None, int, Interval]:
        # A server that answers nothing right has no latency: it must not look fast.
        latencies = total(cell.intended for cell in cells.values())
        rank, per = float(self.aggregate[1:]), _PER_MS[self.unit]
        latency = latencies.percentile(rank)
        if latency is None or all(key.outcome == "error" for key in cells):
            return None, 0, (None, None)
        low, high = (None if one is None else one * per for one in of_percentile(latencies, rank))
        return latency * per, requests, (low, high)


def parse(expression: str) -> Gate | Growth | Soundness:
    """Return the gate that an expression says.

    Raises:
        LoadError: with what was expected and what was seen.
    """
    if growth := read_growth(expression):
        return growth
    if soundness := read_soundness(expression):
        return soundness
    match = _GRAMMAR.fullmatch(expression.strip())
    if match is None or not _sound(match["aggregate"], match["unit"]) or not _may_abort(match):
        message = (
            f"Cannot read the threshold {expression!r}: expected 'route: aggregate operator value', such as "
            "'poll: p95 < 100ms', 'all: error_rate < 0.1%', 'memory: growth < 20%', 'invalid == 0' or "
            "'leaks == 0', and 'abort' after an upper limit only."
        )
        raise LoadError(message)
    return Gate(
        expression=expression,
        route=match["route"] or "all",
        aggregate=match["aggregate"],
        operator=match["operator"],
        limit=float(match["limit"]),
        unit=match["unit"],
        least=int(match["least"] or 1),
        aborts=bool(match["abort"]) or (match["aggregate"] == "leaks" and _is_limit(match["operator"])),
    )


def _sound(aggregate: str, unit: str) -> bool:
    if re.fullmatch(r"p\d{1,2}(\.\d+)?", aggregate):
        return unit in _PER_MS
    return (aggregate == "error_rate" and unit in _PER_ONE) or (aggregate in _COUNTS and unit == "")


def _may_abort(match: re.Match[str]) -> bool:
    """Tell whether it may end a run: a least value is not reached at the start of any."""
    return not match["abort"] or _is_limit(match["operator"])


def _is_limit(sign: str) -> bool:
    return sign in {"<", "<=", "=="}


def _outcomes(cells: Mapping[Key, Cell], *outcomes: str) -> int:
    return sum(cell.count for key, cell in cells.items() if key.outcome in outcomes)

"""Groups the seconds of a long load run so that a plot keeps a readable number of points."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST = 300


@dataclass(frozen=True)
class Point:
    """``width`` seconds from ``t``: rates and cores are means, ``heat`` counts all, else the worst.

    Percentiles are never averaged: the mean of two p95 is the p95 of nothing.
    """

    t: int
    target: float | None
    achieved: float | None
    p50: float | None
    p95: float | None
    service_p95: float | None
    errors: float | None
    refusals: float | None
    heat: Mapping[int, int]
    application_cpu: float | None = None
    hospital_cpu: float | None = None
    application_mb: float | None = None
    hospital_mb: float | None = None


def bins(series: Sequence[Mapping[str, Any]], most: int = MOST) -> tuple[int, tuple[Point, ...]]:
    """Return the width of a point in seconds and the points in time order, at most ``most`` of them."""
    if not series:
        return 1, ()
    width = math.ceil((max(second["t"] for second in series) + 1) / most)
    groups: dict[int, list[Mapping[str, Any]]] = {}
    for second in series:
        groups.setdefault(second["t"] // width, []).append(second)
    return width, tuple(_point(index * width, groups[index]) for index in sorted(groups))


def _point(t: int, seconds: list[Mapping[str, Any]]) -> Point:
    def of(name: str, choose: Callable[[list[float]], float]) -> float | None:
        values = list(_finite(second.get(name) for second in seconds))
        return choose(values) if values else None

    heat: Counter[int] = Counter()
    for second in seconds:
        heat.update({number: count for number, count in second.get("heat", ()) if count > 0})
    return Point(
        t=t,
        target=of("target", _mean),
        achieved=of("achieved", _mean),
        p50=of("p50", max),
        p95=of("p95", max),
        service_p95=of("service_p95", max),
        errors=of("errors", max),
        refusals=of("refusals", max),
        heat=heat,
        application_cpu=of("application_cpu", _mean),
        hospital_cpu=of("hospital_cpu", _mean),
        application_mb=of("application_mb", max),
        hospital_mb=of("hospital_mb", max),
    )


def _finite(values: Iterable[float | None]) -> Iterable[float]:
    return (value for value in values if value is not None and math.isfinite(value))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)

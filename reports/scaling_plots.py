"""Computes the drawings of a scalability result: latency by size, and throughput by callers.

``templates/scaling_plot.svg.j2`` draws them. Points, curve, band and reference differ by form before colour.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.axis import linear_axis, log_axis
from reports.figures import number
from reports.plots import Tick

WIDTH, HEIGHT = 860, 320
TOP, BOTTOM = 44, 266
_LEFTS = (62, 496)
_ACROSS = 334
_MARGIN = 0.06  # of the width, on both sides: no point stands on the frame

Place = Callable[[float], float]


@dataclass(frozen=True)
class Dot:
    """One measured point, in pixels; ``low`` and ``high`` are the ends of its whisker."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True)
class Chart:
    """One drawing; ``name`` is a word of the group ``scaling``. Paths are empty where there is none.

    ``knee`` is where the knee stands across, None when there is none.
    """

    name: str
    left: float
    right: float
    across: tuple[Tick, ...]
    upwards: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    curve: str
    band: str
    ideal: str
    knee: float | None


@dataclass(frozen=True)
class Drawing:
    """Both drawings of one interaction, side by side."""

    width: int
    height: int
    top: int
    bottom: int
    charts: tuple[Chart, ...]


def drawing(interaction: Mapping[str, Any]) -> Drawing | None:
    """Return the drawings of an interaction, None when nothing of it was measured."""
    charts = (by_size(interaction["sizes"]), by_callers(interaction["levels"], interaction["concurrency"]))
    drawn = tuple(chart for chart in charts if chart is not None)
    return Drawing(WIDTH, HEIGHT, TOP, BOTTOM, drawn) if drawn else None


def by_size(sizes: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Return the drawing of latency by size."""
    if not sizes:
        return None
    left = _LEFTS[0]
    x = _across([point["size"] for point in sizes], left)
    values = [point[name] for point in sizes for name in ("low", "high", "fitted_low", "fitted_high")]
    axis = log_axis(min(values), max(values))
    y = _upwards(axis.place)
    xs = [x(point["size"]) for point in sizes]
    return Chart(
        name="by_size",
        left=left,
        right=left + _ACROSS,
        across=_ticks([point["size"] for point in sizes], x),
        upwards=tuple(Tick(y(value), number(value)) for value in axis.ticks),
        dots=tuple(
            Dot(at, y(point["p50"]), y(point["low"]), y(point["high"]))
            for at, point in zip(xs, sizes, strict=True)
        ),
        curve=_line(xs, [y(point["fitted"]) for point in sizes]),
        band=_area(
            xs, [y(point["fitted_low"]) for point in sizes], [y(point["fitted_high"]) for point in sizes]
        ),
        ideal="",
        knee=None,
    )


def by_callers(levels: Sequence[Mapping[str, Any]], law: Mapping[str, Any] | None) -> Chart | None:
    """Return the drawing of throughput by concurrency, with its law when there is one."""
    if len(levels) <= 1:
        return None
    left = _LEFTS[1]
    x = _across([level["concurrency"] for level in levels], left)
    curve = law["curve"] if law else []
    highest = max([level["rate"] for level in levels] + [point["high"] for point in curve])
    axis = linear_axis(highest)
    y = _upwards(axis.place)
    xs = [x(point["concurrency"]) for point in curve]
    return Chart(
        name="by_callers",
        left=left,
        right=left + _ACROSS,
        across=_ticks([level["concurrency"] for level in levels], x),
        upwards=tuple(Tick(y(value), number(value)) for value in axis.ticks),
        dots=tuple(
            Dot(x(level["concurrency"]), y(level["rate"]), y(level["rate"]), y(level["rate"]))
            for level in levels
        ),
        curve=_line(xs, [y(point["rate"]) for point in curve]),
        band=_area(xs, [y(point["low"]) for point in curve], [y(point["high"]) for point in curve]),
        ideal=_ideal(law, levels, highest, x, y) if law else "",
        knee=x(law["knee"]) if law and law["knee"] else None,
    )


def _across(values: Sequence[float], left: float) -> Place:
    """Return where a value stands across, on a logarithmic axis that ends with the values."""
    low, high = math.log(min(values)), math.log(max(values))
    room = _ACROSS * _MARGIN

    def place(value: float) -> float:
        share = (math.log(value) - low) / (high - low) if high > low else 0.5
        return round(left + room + share * (_ACROSS - 2 * room), 1)

    return place


def _upwards(place: Place) -> Place:
    return lambda value: round(BOTTOM - place(value) * (BOTTOM - TOP), 1)


def _ticks(values: Sequence[float], x: Place) -> tuple[Tick, ...]:
    return tuple(Tick(x(value), number(value)) for value in values)


def _ideal(
    law: Mapping[str, Any], levels: Sequence[Mapping[str, Any]], highest: float, x: Place, y: Place
) -> str:
    """Return what as many first callers would get, up to where it leaves the drawing."""
    last = min(levels[-1]["concurrency"], highest / law["rate"])
    first = levels[0]["concurrency"]
    if last <= first:
        return ""
    points = [first * (last / first) ** (n / 12) for n in range(13)]
    return _line([x(n) for n in points], [y(law["rate"] * n) for n in points])


def _line(xs: Sequence[float], ys: Sequence[float]) -> str:
    return "".join(f"{'L' if n else 'M'}{x} {y}" for n, (x, y) in enumerate(zip(xs, ys, strict=True)))


def _area(xs: Sequence[float], lows: Sequence[float], highs: Sequence[float]) -> str:
    if not xs:
        return ""
    back = zip(reversed(xs), reversed(lows), strict=True)
    return _line(xs, highs) + "".join(f"L{x} {y}" for x, y in back) + "Z"

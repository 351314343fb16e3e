"""Arranges the results of an application that pulls: outcomes, anchors, and the drawing over one time axis.

``templates/pulling.svg.j2`` draws it: age of the news, events that wait, requests, faults shaded behind all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.anchors import anchors
from reports.axis import Axis, clock_text, linear_axis, log_axis, time_axis
from reports.figures import number
from reports.plots import BOTTOM, GAP, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Line, Panel, Tick
from reports.thresholds import load_outcome, threshold_outcome

Row = dict[str, Any]

_SECONDS_FROM = 0.1


@dataclass(frozen=True)
class Shadow:
    """A fault behind the curves: from where to where, in pixels, and its name."""

    left: float
    width: float
    fault: str


@dataclass(frozen=True)
class Course:
    """A whole drawing."""

    width: int
    height: int
    left: int
    right: int
    times: tuple[Tick, ...]
    strips: tuple[Panel, ...]
    shadows: tuple[Shadow, ...]


def pulled(results: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return the results as the page shows them."""
    rows = []
    for result, anchor in zip(results, anchors("pull", (one["profile"] for one in results)), strict=True):
        # An application cannot leak what it pulls: the outcome rests on validity and thresholds.
        judged = {**result, "leaks": 0}
        thresholds = [{**one, "outcome": threshold_outcome(judged, one)} for one in result["thresholds"]]
        row = {**judged, "anchor": anchor, "outcome": load_outcome(judged), "thresholds": thresholds}
        rows.append({**row, "course": course(result)})
    return rows


def course(result: Mapping[str, Any]) -> Course | None:
    """Return the drawing of one result, None when there is nothing to draw."""
    series = result["series"]
    if not series:
        return None
    clock, right = time_axis(round(series[-1]["t"]) or 1), WIDTH - RIGHT

    def x(t: float) -> float:
        return round(LEFT + clock.place(t) * (right - LEFT), 1)

    panels = _panels(result, series)
    strips = tuple(
        _strip(name, TOP + place * (HEIGHT + GAP), axis, curves, [x(one["t"]) for one in series])
        for place, (name, axis, curves) in enumerate(panels)
    )
    shadows = tuple(
        Shadow(x(one["begins"]), max(1.0, x(one["ends"]) - x(one["begins"])), one["fault"])
        for one in result["faults"]
    )
    height = TOP + len(panels) * (HEIGHT + GAP) - GAP + BOTTOM
    times = tuple(Tick(x(t), clock_text(t, clock.ticks[-1])) for t in clock.ticks)
    return Course(WIDTH, height, LEFT, right, times, strips, shadows)


_Curves = Mapping[str, Sequence[float | None]]


def _panels(
    result: Mapping[str, Any], series: Sequence[Mapping[str, Any]]
) -> tuple[tuple[str, Axis, _Curves], ...]:
    """Return the three strips: name, axis, curves by name."""
    ages = [one["staleness"] for one in series]
    theory = result["staleness"]["theory_p95"]
    known = [age for age in (*ages, theory) if age is not None]
    waiting = [one["committed"] - one["delivered"] for one in series]
    asked = [one["requests"] for one in series]
    expected = [theory] * len(series)
    return (
        (
            "age",
            log_axis(max(_SECONDS_FROM, min(known, default=1.0)), max(known, default=10.0)),
            {"staleness": ages} if theory is None else {"staleness": ages, "theory": expected},
        ),
        ("lag", linear_axis(max(waiting)), {"waiting": waiting}),
        ("asked", linear_axis(max(asked)), {"asking": asked}),
    )


def _strip(name: str, top: float, axis: Axis, curves: _Curves, places: Sequence[float]) -> Panel:
    bottom = top + HEIGHT

    def y(value: float) -> float:
        return round(bottom - axis.place(value) * HEIGHT, 1)

    ticks = tuple(Tick(y(value), number(value)) for value in axis.ticks)
    lines = tuple(
        Line(curve, _path(places, values, y), top + 12 + 18 * place)
        for place, (curve, values) in enumerate(curves.items())
    )
    return Panel(name, top, bottom, ticks, lines)


def _path(places: Sequence[float], values: Sequence[float | None], y: Callable[[float], float]) -> str:
    """Return a path that is broken where nothing was measured: a hole is not a straight line."""
    pieces: list[str] = []
    joined = False
    for x, value in zip(places, values, strict=True):
        if value is not None:
            # A lone point between two holes would be invisible without the zero-length stroke.
            pieces.append(f"L{x} {y(value)}" if joined else f"M{x} {y(value)}h.01")
        joined = value is not None
    return "".join(pieces)

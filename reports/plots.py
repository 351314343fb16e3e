"""Computes the drawing of a load run: three panels over one time axis, as plain geometry.

``templates/plot.svg.j2`` draws it. Lines differ by dash and weight and bear their name at their end, so the
plot reads the same in grey and on paper.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.axis import Axis, clock_text, linear_axis, log_axis, time_axis
from reports.bins import Point, bins
from reports.figures import Pair, number
from reports.heat import Shade, ends, shades
from reports.usage import MEMORY, PROCESSOR, with_usage

WIDTH = 860
LEFT, RIGHT = 62, 156
TOP, HEIGHT, GAP, BOTTOM = 30, 104, 46, 28
_LABEL_HEIGHT = 15


@dataclass(frozen=True)
class Tick:
    """A graduation: where it stands on its axis, in pixels, and what is written there."""

    at: float
    text: Pair


@dataclass(frozen=True)
class Line:
    """One measure; ``name`` is a word of the group ``plot`` and a class of the style sheet."""

    name: str
    path: str
    label_y: float


@dataclass(frozen=True)
class Panel:
    """One unit over the common time axis; ``name`` is a word of the group ``panel``, ``shades`` lie below."""

    name: str
    top: float
    bottom: float
    ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    shades: tuple[Shade, ...] = ()


@dataclass(frozen=True)
class Plot:
    """A whole drawing; ``point_s`` is the number of seconds that one point stands for."""

    width: int
    height: int
    left: int
    right: int
    point_s: int
    times: tuple[Tick, ...]
    panels: tuple[Panel, ...]
    bar: float


def plot(series: Sequence[Mapping[str, Any]], usage: Sequence[Mapping[str, Any]] = ()) -> Plot | None:
    """Return the drawing of the seconds of a load run, None when there is none to draw.

    ``usage`` is what the processes used; without it those panels are not there.
    """
    point_s, points = bins(with_usage(series, usage))
    if not points:
        return None
    right = WIDTH - RIGHT
    clock = time_axis(points[-1].t)
    field = _Field(points, point_s, clock, right)
    latencies = _values(points, "p50", "p95", "service_p95")
    positive = [value for value in latencies if value > 0]
    positive += ends(point.heat for point in points) or ()
    rows: tuple[tuple[str, Axis, tuple[str, ...]], ...] = (
        (
            "arrivals",
            linear_axis(max(_values(points, "target", "achieved"), default=0)),
            ("target", "achieved"),
        ),
        (
            "latency",
            log_axis(min(positive, default=1), max(positive, default=10)),
            ("p95", "service_p95", "p50"),
        ),
        (
            "refused",
            linear_axis(max(_values(points, "errors", "refusals"), default=0), 3),
            ("errors", "refusals"),
        ),
    )
    if usage:
        cores, memory = _values(points, *PROCESSOR), _values(points, *MEMORY)
        rows = (
            *rows,
            ("processor", linear_axis(max(cores, default=0), 3), PROCESSOR),
            ("memory", linear_axis(max(memory, default=0), 3), MEMORY),
        )
    panels = tuple(
        field.panel(name, TOP + index * (HEIGHT + GAP), axis, measures)
        for index, (name, axis, measures) in enumerate(rows)
    )
    return Plot(
        width=WIDTH,
        height=TOP + len(rows) * (HEIGHT + GAP) - GAP + BOTTOM,
        left=LEFT,
        right=right,
        point_s=point_s,
        times=tuple(Tick(field.x(t), clock_text(t, clock.ticks[-1])) for t in clock.ticks),
        panels=panels,
        bar=max(1.0, 0.7 * (right - LEFT) / max(1, len(points))),
    )


@dataclass(frozen=True)
class _Field:
    points: tuple[Point, ...]
    point_s: int
    clock: Axis
    right: int

    def x(self, t: float) -> float:
        return round(LEFT + self.clock.place(t) * (self.right - LEFT), 1)

    def panel(self, name: str, top: float, axis: Axis, measures: tuple[str, ...]) -> Panel:
        bottom = top + HEIGHT

        def y(value: float) -> float:
            return round(bottom - axis.place(value) * HEIGHT, 1)

        last = {measure: self._last(measure) for measure in measures}
        wanted = {measure: y(value) for measure, value in last.items() if value is not None}
        labels = _apart(wanted, bottom)
        lines = []
        for measure in wanted:
            heights = [None if value is None else y(value) for value in self._column(measure)]
            path = self._bars(heights, bottom) if measure == "errors" else self._curve(heights)
            lines.append(Line(measure, path, labels[measure]))
        ticks = tuple(Tick(y(value), number(value)) for value in axis.ticks)
        heat = self._heat(y) if name == "latency" else ()
        return Panel(name, top, bottom, ticks, tuple(lines), heat)

    def _heat(self, y: Callable[[float], float]) -> tuple[Shade, ...]:
        """Return the shades of the latencies, each column around its point and cut at the frame."""
        half = max(1.0, (self.right - LEFT) * self.point_s / max(1, self.points[-1].t) / 2)
        return shades(
            (
                (max(LEFT, self.x(point.t) - half), min(self.right, self.x(point.t) + half), point.heat)
                for point in self.points
            ),
            y,
        )

    def _column(self, measure: str) -> list[float | None]:
        return [getattr(point, measure) for point in self.points]

    def _last(self, measure: str) -> float | None:
        return next((value for value in reversed(self._column(measure)) if value is not None), None)

    def _curve(self, heights: list[float | None]) -> str:
        """Return a path that is broken wherever seconds are missing: a hole is not a straight line."""
        pieces: list[str] = []
        previous: int | None = None
        for point, y in zip(self.points, heights, strict=True):
            if y is None:
                previous = None
                continue
            joined = previous is not None and point.t == previous + self.point_s
            # A lone point between two holes would be invisible without the zero-length stroke.
            pieces.append(f"L{self.x(point.t)} {y}" if joined else f"M{self.x(point.t)} {y}h.01")
            previous = point.t
        return "".join(pieces)

    def _bars(self, heights: list[float | None], bottom: float) -> str:
        return "".join(
            f"M{self.x(point.t)} {bottom}V{y}"
            for point, y in zip(self.points, heights, strict=True)
            if y is not None and y < bottom
        )


def _apart(wanted: dict[str, float], bottom: float) -> dict[str, float]:
    """Spread the labels of a panel so that no two overlap, the lowest ones pushed up from the bottom."""
    placed: dict[str, float] = {}
    limit = bottom
    for name, y in sorted(wanted.items(), key=lambda item: -item[1]):
        placed[name] = round(min(y, limit), 1)
        limit = placed[name] - _LABEL_HEIGHT
    return placed


def _values(points: tuple[Point, ...], *measures: str) -> list[float]:
    columns = (getattr(point, measure) for point in points for measure in measures)
    return [value for value in columns if value is not None]

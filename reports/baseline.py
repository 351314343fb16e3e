"""Computes the drawing of a load beside an earlier one: one ratio with its interval for each kind of request.

``templates/baseline.svg.j2`` draws it. On the logarithmic axis twice as slow is as far as twice as fast.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.figures import number
from reports.plots import Tick

WIDTH = 860
LEFT, RIGHT = 176, 156
TOP, ROW, BOTTOM = 30, 30, 50
_SCALES = (
    (1.25, (0.8, 0.9, 1, 1.1, 1.25)),
    (2, (0.5, 0.7, 0.85, 1, 1.2, 1.4, 2)),
    (5, (0.2, 0.5, 1, 2, 5)),
    (10, (0.1, 0.2, 0.5, 1, 2, 5, 10)),
)
"""How far the axis goes to either side, and its graduations; what lies beyond is cut at the frame."""


@dataclass(frozen=True)
class Whisker:
    """One kind of request, in pixels; ``left`` and ``right`` are the ends of its interval.

    ``arrows`` tells at which ends the interval goes on beyond the frame. None where nothing can be said.
    """

    name: str
    word: str
    y: float
    x: float | None
    left: float | None
    right: float | None
    arrows: str


@dataclass(frozen=True)
class Forest:
    """The whole drawing; between ``near`` and ``far`` lies what is too small to matter."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    equal: float
    near: float
    far: float
    ticks: tuple[Tick, ...]
    whiskers: tuple[Whisker, ...]


def forest(baseline: Mapping[str, Any]) -> Forest | None:
    """Return the drawing of a comparison, None when nothing of it can be said."""
    changes: Sequence[Mapping[str, Any]] = baseline["changes"]
    if all(one["ratio"] is None for one in changes):
        return None
    widest, ticks = _scale(changes)
    right = WIDTH - RIGHT
    bottom = TOP + ROW * len(changes)

    def x(ratio: float) -> float:
        share = (math.log(ratio) / math.log(widest) + 1) / 2
        return round(LEFT + min(1.0, max(0.0, share)) * (right - LEFT), 1)

    def whisker(place: int, one: Mapping[str, Any]) -> Whisker:
        y = TOP + ROW * (place + 0.5)
        if one["ratio"] is None:
            return Whisker(one["name"], one["word"], y, None, None, None, "")
        low, high = one["low"] or 0.0, one["high"] or math.inf
        beyond = ("left" if low < 1 / widest else "") + ("right" if high > widest else "")
        ends = x(max(low, 1 / widest)), x(min(high, widest))
        return Whisker(one["name"], one["word"], y, x(one["ratio"]), *ends, beyond)

    return Forest(
        width=WIDTH,
        height=bottom + BOTTOM,
        left=LEFT,
        right=right,
        top=TOP,
        bottom=bottom,
        equal=x(1),
        near=x(1 / (1 + baseline["smallest"])),
        far=x(1 + baseline["smallest"]),
        ticks=tuple(Tick(x(value), number(value)) for value in ticks),
        whiskers=tuple(whisker(place, one) for place, one in enumerate(changes)),
    )


def _scale(changes: Sequence[Mapping[str, Any]]) -> tuple[float, tuple[float, ...]]:
    """Return the narrowest scale that holds every ratio and every end of an interval, or the widest."""
    seen = [one[name] for one in changes for name in ("ratio", "low", "high") if one[name] is not None]
    farthest = max(math.exp(abs(math.log(value))) for value in seen)
    return next((scale for scale in _SCALES if farthest <= scale[0]), _SCALES[-1])

"""Columns of counts; where there is a law, a thick line across each column says what it expects."""

from synthetic_data.description.drawing.axis import axis_to
from synthetic_data.description.drawing.marks import Box, Drawing, Label, Line, Mark, rounded
from synthetic_data.description.numbers import number
from synthetic_data.description.portraits.comparison import Comparison

_WIDTH, _HEIGHT = 440, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 6, 10, 26
_FILLED = 0.72  # of the width of a class
_OVER = 1.5  # how far the line of the law goes beyond the column


def columns(comparison: Comparison, every: int = 1) -> Drawing:
    """Draw the classes from left to right; one label in `every` is written."""
    axis = axis_to(max([1.0, *map(float, comparison.counted), *comparison.expected]))
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    step = (right - _LEFT) / max(1, len(comparison.labels))
    marks: list[Mark] = []
    for tick in axis.ticks:
        y = rounded(bottom - axis.share(tick) * (bottom - _TOP))
        marks.append(Line("grid", f"M{_LEFT} {y}H{right}"))
        marks.append(Label("tick", _LEFT - 6, y + 4, "end", number(tick)))
    for rank, (label, count) in enumerate(zip(comparison.labels, comparison.counted, strict=True)):
        left = _LEFT + (rank + (1 - _FILLED) / 2) * step
        height = axis.share(count) * (bottom - _TOP)
        marks.append(
            Box("seen", rounded(left), rounded(bottom - height), rounded(step * _FILLED), rounded(height))
        )
        if rank % every == 0:
            middle = rounded(_LEFT + (rank + 0.5) * step)
            marks.append(Label("tick", middle, bottom + 17, "middle", label))
    for rank, expected in enumerate(comparison.expected):
        if not expected:  # nothing must be there, and nothing to draw says so
            continue
        left = rounded(_LEFT + (rank + (1 - _FILLED) / 2) * step - _OVER)
        y = rounded(bottom - axis.share(expected) * (bottom - _TOP))
        marks.append(Line("law", f"M{left} {y}h{rounded(step * _FILLED + 2 * _OVER)}"))
    marks.append(Line("axis", f"M{_LEFT} {bottom}H{right}"))
    return Drawing(_WIDTH, _HEIGHT, tuple(marks))

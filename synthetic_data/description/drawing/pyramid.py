"""The age pyramid: men to the left, women to the right, the youngest at the bottom."""

from synthetic_data.description.bilingual import Both
from synthetic_data.description.drawing.axis import axis_to
from synthetic_data.description.drawing.marks import Box, Drawing, Label, Line, Mark, rounded
from synthetic_data.description.numbers import number
from synthetic_data.description.portraits.ages import Pyramid

_WIDTH, _ROW = 440, 24
_TOP, _BOTTOM, _MIDDLE, _EDGE = 24, 24, 56, 24
_FILLED = 17
_MEN, _WOMEN = Both("Hommes", "Men"), Both("Femmes", "Women")


def pyramid(portrait: Pyramid) -> Drawing:
    """Draw both sexes on the same scale."""
    bands = len(portrait.men.labels)
    bottom = _TOP + bands * _ROW
    side = (_WIDTH - _MIDDLE) / 2 - _EDGE
    parts = (portrait.men, portrait.women)
    axis = axis_to(max([1.0, *(float(one) for part in parts for one in (*part.counted, *part.expected))]), 3)
    marks: list[Mark] = []
    for part, title, way in zip(parts, (_MEN, _WOMEN), (-1, 1), strict=True):
        base = _WIDTH / 2 + way * _MIDDLE / 2
        for tick in axis.ticks:
            x = rounded(base + way * axis.share(tick) * side)
            marks.append(Line("grid", f"M{x} {_TOP}V{bottom}"))
            marks.append(Label("tick", x, bottom + 16, "middle", number(tick)))
        marks.append(Label("name", rounded(base + way * side / 2), _TOP - 8, "middle", title))
        for rank, count in enumerate(part.counted):
            y, width = bottom - (rank + 1) * _ROW + (_ROW - _FILLED) / 2, axis.share(count) * side
            marks.append(
                Box("seen", rounded(base if way > 0 else base - width), rounded(y), rounded(width), _FILLED)
            )
        for rank, expected in enumerate(part.expected):
            x = rounded(base + way * axis.share(expected) * side)
            marks.append(Line("law", f"M{x} {rounded(bottom - (rank + 1) * _ROW + 1)}v{_ROW - 2}"))
        marks.append(Line("axis", f"M{rounded(base)} {_TOP}V{bottom}"))
    for rank, label in enumerate(portrait.men.labels):
        marks.append(Label("tick", _WIDTH / 2, bottom - rank * _ROW - 8, "middle", label))
    return Drawing(_WIDTH, bottom + _BOTTOM, tuple(marks))

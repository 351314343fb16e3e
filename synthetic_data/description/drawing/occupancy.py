"""The people in bed each midnight of the period, under the line of the beds."""

from datetime import timedelta

from synthetic_data.description.bilingual import Both
from synthetic_data.description.drawing.axis import axis_to
from synthetic_data.description.drawing.marks import Drawing, Label, Line, Mark, rounded
from synthetic_data.description.drawing.months import month_starts
from synthetic_data.description.numbers import number
from synthetic_data.description.portraits.activity import Occupancy

_WIDTH, _HEIGHT = 860, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 10, 16, 26
_NARROWEST = 15  # days of a month below which its name would not fit
_BEDS = Both("{beds} lits et places", "{beds} beds")


def occupancy(portrait: Occupancy) -> Drawing:
    """Draw one point for each midnight."""
    days = len(portrait.present)
    axis = axis_to(max([1, portrait.beds, *portrait.present]))
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def x(day: int) -> float:
        return rounded(_LEFT + day / max(1, days - 1) * (right - _LEFT))

    def y(value: float) -> float:
        return rounded(bottom - axis.share(value) * (bottom - _TOP))

    marks: list[Mark] = []
    for tick in axis.ticks:
        marks.append(Line("grid", f"M{_LEFT} {y(tick)}H{right}"))
        marks.append(Label("tick", _LEFT - 6, y(tick) + 4, "end", number(tick)))
    end = portrait.first + timedelta(days=days)
    for start, name in month_starts(portrait.first, end):
        place = x((start - portrait.first).days)
        marks.append(Line("grid", f"M{place} {_TOP}V{bottom + 5}"))
        if (end - start).days >= _NARROWEST:
            marks.append(Label("tick", place + 4, bottom + 17, "start", name))
    if portrait.present:
        points = "L".join(f"{x(day)} {y(count)}" for day, count in enumerate(portrait.present))
        marks.append(Line("area", f"M{_LEFT} {bottom}L{points}L{right} {bottom}Z"))
        marks.append(Line("curve", f"M{points}"))
    if portrait.beds:
        marks.append(Line("limit", f"M{_LEFT} {y(portrait.beds)}H{right}"))
        beds = _BEDS.filled(beds=number(portrait.beds))
        marks.append(Label("name", right - 4, y(portrait.beds) - 5, "end", beds))
    marks.append(Line("axis", f"M{_LEFT} {bottom}H{right}"))
    return Drawing(_WIDTH, _HEIGHT, tuple(marks))

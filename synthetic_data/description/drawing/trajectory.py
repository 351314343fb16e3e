"""The course of a test: results joined in time, the usual range as a hatched band, stays as shaded spans.

A result out of the usual range is a full dot, one within it a ring.
"""

from datetime import UTC, datetime

from synthetic_data.description.bilingual import Both
from synthetic_data.description.drawing.axis import Axis, axis_to
from synthetic_data.description.drawing.marks import Box, Drawing, Label, Line, Mark, rounded
from synthetic_data.description.drawing.months import month_starts
from synthetic_data.description.numbers import number
from synthetic_data.description.portraits.trajectories import Trajectory
from synthetic_data.verification.instants import DAY

_WIDTH, _HEIGHT = 860, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 10, 30, 28
_RADIUS = 4.2
_NARROWEST = 2.0  # a stay of a few hours must still be seen in a year
_NARROW = 5.0  # below, a frame would hide what it frames
_HATCH = 6
_MOST_DAYS = 14  # labels of days
_RANGE = Both("valeurs de référence", "reference range")
_DAY = Both("J{day}", "day {day}")


def trajectory(portrait: Trajectory) -> Drawing:
    """Draw the results of a stay, day by day, or of a year, month by month."""
    highest = max([*(point.value for point in portrait.points), portrait.high or 0])
    field = _Field(portrait, axis_to(highest, 6))
    marks = [*field.spans(), *field.band(), *field.grid(), *field.time(), *field.results()]
    bottom = _HEIGHT - _BOTTOM
    marks.append(Line("axis", f"M{_LEFT} {bottom}H{_WIDTH - _RIGHT}"))
    unit = portrait.unit
    marks.append(Label("name", 4, _TOP - 14, "start", Both(unit, unit)))
    return Drawing(_WIDTH, _HEIGHT, tuple(marks))


class _Field:
    """The places of instants and values."""

    def __init__(self, portrait: Trajectory, axis: Axis) -> None:
        self.portrait, self.axis = portrait, axis
        self.right, self.bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def x(self, when: float) -> float:
        share = (when - self.portrait.first) / (self.portrait.last - self.portrait.first)
        return rounded(_LEFT + min(1.0, max(0.0, share)) * (self.right - _LEFT))

    def y(self, value: float) -> float:
        return rounded(self.bottom - self.axis.share(value) * (self.bottom - _TOP))

    def spans(self) -> list[Mark]:
        places = [(self.x(span.start), self.x(span.end) - self.x(span.start)) for span in self.portrait.spans]
        return [
            Box(
                "stay" if width > _NARROW else "stay short",
                x,
                _TOP,
                max(_NARROWEST, rounded(width)),
                self.bottom - _TOP,
            )
            for x, width in places
        ]

    def band(self) -> list[Mark]:
        """Hatch the usual range; one without lower bound begins at 0, one without upper bound has no end."""
        low, high = self.portrait.low, self.portrait.high
        if low is None and high is None:
            return []
        top, bottom = self.y(self.axis.top if high is None else high), self.y(low or 0)
        marks: list[Mark] = [Box("range", _LEFT, top, self.right - _LEFT, rounded(bottom - top))]
        lines = range(1, int((bottom - top) / _HATCH) + 1)
        hatch = "".join(f"M{_LEFT} {rounded(top + rank * _HATCH)}H{self.right}" for rank in lines)
        bounds = [self.y(bound) for bound in (low, high) if bound is not None]
        edges = "".join(f"M{_LEFT} {bound}H{self.right}" for bound in bounds)
        marks += [Line("hatch", hatch)] if hatch else []
        marks.append(Line("bound", edges))
        marks.append(Label("name", self.right - 4, rounded(top - 5), "end", _RANGE))
        return marks

    def grid(self) -> list[Mark]:
        marks: list[Mark] = []
        for tick in self.axis.ticks:
            marks.append(Line("grid", f"M{_LEFT} {self.y(tick)}H{self.right}"))
            marks.append(Label("tick", _LEFT - 6, self.y(tick) + 4, "end", number(tick)))
        return marks

    def time(self) -> list[Mark]:
        marks: list[Mark] = []
        for when, name in self._days() if self.portrait.watched.over_stay else self._months():
            marks.append(Line("axis", f"M{self.x(when)} {self.bottom}v5"))
            marks.append(Label("tick", self.x(when) + 3, self.bottom + 18, "start", name))
        return marks

    def _days(self) -> list[tuple[int, Both]]:
        days = range((self.portrait.last - self.portrait.first) // DAY)
        step = -(-len(days) // _MOST_DAYS) or 1
        return [(self.portrait.first + day * DAY, _DAY.filled(day=day)) for day in days[::step]]

    def _months(self) -> list[tuple[int, Both]]:
        first, last = (
            datetime.fromtimestamp(one, UTC).date() for one in (self.portrait.first, self.portrait.last)
        )
        starts = month_starts(first, last)
        return [
            (int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()), name)
            for day, name in starts
        ]

    def results(self) -> list[Mark]:
        points = [(self.x(point.when), self.y(point.value), point.out) for point in self.portrait.points]
        marks: list[Mark] = [Line("curve", "M" + "L".join(f"{x} {y}" for x, y, _ in points))]
        for x, y, out in points:
            r = _RADIUS
            circle = f"M{rounded(x - r)} {y}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0Z"
            marks.append(Line("dot out" if out else "dot", circle))
        return marks

"""Date search: a date of any precision is a span of time, and prefixes compare spans.

Spec: https://hl7.org/fhir/R4/search.html#date
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tableau_urgences.fhir import JSON, text

HOSPITAL_ZONE = ZoneInfo("Europe/Paris")
"""The zone of a date given without an offset."""

Span = tuple[datetime, datetime]

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)
_VALUE = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(\d{4}.*)")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt](?P<minutes>\d\d:\d\d)(?::(?P<seconds>\d\d)(?:\.(?P<fraction>\d{1,6}))?)?"
    r"(?P<zone>Z|z|[+\-]\d\d:\d\d)?"
)


def span(value: str) -> Span | None:
    """Return the span [start, end) of a date, partial date or dateTime, None when it is not one."""
    try:
        return _date_span(value) or _time_span(value)
    except (ValueError, OverflowError):
        return None


def period_span(period: JSON) -> Span | None:
    """Return the span of a Period, open where it has no start or no end; None when it says nothing."""
    start, end = span(text(period, "start")), span(text(period, "end"))
    if start is None and end is None:
        return None
    return start[0] if start else _BEGINNING, end[1] if end else _END


def date_test(value: str) -> Callable[[Span], bool] | None:
    """Return the comparison that a search value such as ``ge2024-03`` asks for, None when it is not one."""
    match = _VALUE.fullmatch(value)
    asked = span(match[2]) if match else None
    if match is None or asked is None:
        return None
    start, end = asked
    tests: dict[str, Callable[[Span], bool]] = {
        "eq": lambda of: start <= of[0] and of[1] <= end,
        "ne": lambda of: not (start <= of[0] and of[1] <= end),
        "gt": lambda of: of[1] > end,
        "lt": lambda of: of[0] < start,
        "ge": lambda of: of[1] > end or (start <= of[0] and of[1] <= end),
        "le": lambda of: of[0] < start or (start <= of[0] and of[1] <= end),
        "sa": lambda of: of[0] >= end,
        "eb": lambda of: of[1] <= start,
        "ap": _about(start, end),
    }
    return tests[match[1] or "eq"]


def _about(start: datetime, end: datetime) -> Callable[[Span], bool]:
    """Overlap, give or take a tenth of the time from the date to now, as the specification suggests."""
    slack = abs(datetime.now(UTC) - start) / 10
    return lambda of: of[0] < end + slack and of[1] > start - slack


def _date_span(value: str) -> Span | None:
    match = _DATE.fullmatch(value)
    if match is None:
        return None
    year, month, day = (int(group) if group else None for group in match.groups())
    first = date(year or 0, month or 1, day or 1)
    if day:
        after = first + timedelta(days=1)
    elif month:
        after = (first + timedelta(days=31)).replace(day=1)
    else:
        after = date(first.year + 1, 1, 1)
    return _midnight(first), _midnight(after)


def _time_span(value: str) -> Span | None:
    match = _TIME.fullmatch(value)
    if match is None:
        return None
    moment = datetime.fromisoformat(value.upper())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=HOSPITAL_ZONE)
    # Counted in UTC: a span over a change of clocks keeps its length.
    moment = moment.astimezone(UTC)
    if match["fraction"]:
        return moment, moment + timedelta(seconds=10 ** -len(match["fraction"]))
    return moment, moment + (timedelta(seconds=1) if match["seconds"] else timedelta(minutes=1))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=HOSPITAL_ZONE).astimezone(UTC)

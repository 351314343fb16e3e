"""FHIR dates as ranges of time, compared by the prefixes of a search.

Spec: https://hl7.org/fhir/R4/search.html#prefix
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_FORM = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)
_WIDEST = timedelta(hours=14)
_ZONES = tuple(timedelta(hours=h) for h in range(-14, 13))


@dataclass(frozen=True)
class DateRange:
    """From ``low`` to just before ``high``, in UTC; where ``zoned`` is False the time zone is not told."""

    low: datetime
    high: datetime
    zoned: bool

    def moved(self, by: timedelta) -> "DateRange":
        """Return the same range in another time zone."""
        if self.low == FIRST or self.high == LAST:
            return self
        return DateRange(self.low + by, self.high + by, self.zoned)


def date_range(value: object) -> DateRange | None:
    """Return the range of a date, dateTime, instant or Period; None for anything else."""
    if isinstance(value, dict):
        return _period(value)
    form = _FORM.fullmatch(value) if isinstance(value, str) else None
    if form is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = form.groups()
    try:
        said = [int(n) if n else 1 for n in (year, month, day)]
        said += [int(n) if n else 0 for n in (hour, minute, second, (fraction or "").ljust(6, "0"))]
        low = datetime.fromisoformat("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}+00:00".format(*said))
        return DateRange(low - _offset(zone), _end(low, form.groups()) - _offset(zone), zone is not None)
    except (ValueError, OverflowError):
        return None


def compared(prefix: str, search: DateRange, target: DateRange) -> bool | None:
    """Tell whether a target matches; None where time zones or the specification leave it to the server."""
    if search.zoned == target.zoned:
        return _PREFIXES[prefix](search, target)
    answers = {_PREFIXES[prefix](search, target.moved(by)) for by in _ZONES}
    return answers.pop() if len(answers) == 1 else None


def _period(period: dict[str, Any]) -> DateRange | None:
    start, end = (date_range(period.get(name)) for name in ("start", "end"))
    if start is None and end is None:
        return None
    if (start is None and "start" in period) or (end is None and "end" in period):
        return None
    return DateRange(
        start.low if start else FIRST,
        end.high if end else LAST,
        all(one.zoned for one in (start, end) if one),
    )


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone == "Z":
        return timedelta()
    size = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    if size > _WIDEST:
        raise ValueError(zone)
    return -size if zone[0] == "-" else size


def _end(low: datetime, said: tuple[str | None, ...]) -> datetime:
    _, month, day, hour, _, second, fraction, _ = said
    if month is None:
        return low.replace(year=low.year + 1)
    if day is None:
        return low.replace(year=low.year + low.month // 12, month=low.month % 12 + 1)
    if hour is None:
        return low + timedelta(days=1)
    if second is None:
        return low + timedelta(minutes=1)
    return low + timedelta(microseconds=10 ** (6 - len(fraction or "")))


def _within(search: DateRange, target: DateRange) -> bool:
    return search.low <= target.low and target.high <= search.high


def _from(search: DateRange, target: DateRange) -> bool | None:
    if target.high > search.high or _within(search, target):
        return True
    return None if target.high > search.low else False  # it reaches into the range: read both ways


def _until(search: DateRange, target: DateRange) -> bool | None:
    if target.low < search.low or _within(search, target):
        return True
    return None if target.low < search.high else False


def _about(search: DateRange, target: DateRange) -> bool | None:
    return True if _within(search, target) else None  # how near is near is up to the server


_PREFIXES: dict[str, Callable[[DateRange, DateRange], bool | None]] = {
    "": _within,
    "eq": _within,
    "ne": lambda search, target: not _within(search, target),
    "gt": lambda search, target: target.high > search.high,
    "lt": lambda search, target: target.low < search.low,
    "ge": _from,
    "le": _until,
    "sa": lambda search, target: target.low >= search.high,
    "eb": lambda search, target: target.high <= search.low,
    "ap": _about,
}

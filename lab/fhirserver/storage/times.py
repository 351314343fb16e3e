"""FHIR dates as half-open intervals of milliseconds since 1970 in UTC.

A date without a time zone is one of the hospital: the specification asks for the local zone of the server.

Spec: https://hl7.org/fhir/R4/search.html#date and https://hl7.org/fhir/R4/datatypes.html#dateTime
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

HOSPITAL_ZONE = ZoneInfo("Europe/Paris")
BEGINNING, END = -(2**53), 2**53
"""Bounds of an open Period: before and after everything, and exact in every number type."""

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)
Interval = tuple[int, int]


@lru_cache(maxsize=65_536)
def interval(text: str, zone: tzinfo = HOSPITAL_ZONE) -> Interval:
    """Return ``[low, high)`` of a date, dateTime or instant, as wide as its precision.

    Raises:
        ValueError: the text is not a FHIR date.
    """
    if match := _DATE.fullmatch(text):
        return _of_date(match, zone)
    if match := _TIME.fullmatch(text):
        return _of_time(match, zone)
    message = "Expected a date such as 2026, 2026-11, 2026-11-22 or 2026-11-22T08:30:00+01:00."
    raise ValueError(message)


def instant(milliseconds: int) -> str:
    """Return a FHIR instant in UTC with milliseconds."""
    seconds, rest = divmod(milliseconds, 1000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{rest:03d}Z"


def to_milliseconds(moment: datetime) -> int:
    """Return the milliseconds since 1970 of an aware datetime, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DECEMBER = 12
_LEAP = "60"  # a leap second, which the calendar of Python does not have


def _of_date(match: re.Match[str], zone: tzinfo) -> Interval:
    year = int(match[1])
    month = int(match[2] or 1)
    day = int(match[3] or 1)
    start = datetime(year, month, day, tzinfo=zone)
    try:
        if match[3]:
            end = start + timedelta(days=1)  # the next midnight on the wall clock, whatever the offset
        elif match[2]:
            end = start.replace(year=year + month // _DECEMBER, month=month % _DECEMBER + 1)
        else:
            end = start.replace(year=year + 1)
    except (OverflowError, ValueError):  # the year 10000 has no datetime
        return _milliseconds(start), END
    return _milliseconds(start), _milliseconds(end)


def _of_time(match: re.Match[str], zone: tzinfo) -> Interval:
    day, minutes, seconds, fraction, offset = match.groups()
    leap = 1000 * (seconds == _LEAP)
    moment = datetime.fromisoformat(f"{day}T{minutes}:{'59' if leap else seconds or '00'}{offset or ''}")
    low = _milliseconds(moment if offset else moment.replace(tzinfo=zone)) + leap
    if not seconds:
        return low, low + 60_000
    if not fraction:
        return low, low + 1000
    low += int(fraction[:3].ljust(3, "0"))
    return low, low + 10 ** max(0, 3 - len(fraction))


def _milliseconds(moment: datetime) -> int:
    try:
        return to_milliseconds(moment)
    except OverflowError:  # the first or last day of the calendar, in a zone away from UTC
        return BEGINNING if moment.year == 1 else END

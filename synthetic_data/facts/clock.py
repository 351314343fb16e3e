"""French wall time over columns of minutes since 1970 in UTC.

The offset follows the European rule (summer time from the last Sunday of March to the last Sunday of October,
at 01:00 UTC, directive 2000/84/EC) so that no time zone database has to be installed.
"""

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

from synthetic_data.templating.columns import Bytes, Flags, Ints, Plain, fixed, put_digits

HOUR, DAY = 60, 1440
_WINTER, _SUMMER = 60, 120
_LIFETIMES = 100_000  # days
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def minute_of(instant: datetime) -> int:
    """Give the minutes from 1970 to an instant."""
    return int((instant - _EPOCH) / timedelta(minutes=1))


def day_of(year: int, month: int, day: int) -> int:
    """Give the days from 1970 to a date."""
    return (datetime(year, month, day, tzinfo=UTC) - _EPOCH).days


@cache
def _changes() -> Ints:
    """Give the minutes of the clock changes, summer first, years 1980 to 2100."""
    changes = []
    for year in range(1980, 2101):
        for month in (3, 10):
            last = datetime(year, month, 31, 1, tzinfo=UTC)
            changes.append(minute_of(last - timedelta(days=(last.weekday() + 1) % 7)))
    return np.array(changes)


def clock_changes(first: int, last: int) -> list[tuple[int, bool]]:
    """Give the clock changes between two instants, and whether summer time begins then."""
    changes = enumerate(_changes().tolist())
    return [(change, rank % 2 == 0) for rank, change in changes if first <= change <= last]


def offset(minutes: Ints) -> Ints:
    """Give the minutes that Paris is ahead of UTC."""
    return np.where(np.searchsorted(_changes(), minutes, side="right") % 2, _SUMMER, _WINTER)


def wall(minutes: Ints) -> Ints:
    """Give the minutes shown by a clock in Paris, counted from 1970 of that clock."""
    return minutes + offset(minutes)


def utc(walls: Ints) -> Ints:
    """Give the instants of wall times: the hour skipped in March is read as winter time, the hour repeated
    in October as summer time.
    """  # noqa: D205 - one sentence
    summer = walls - _SUMMER
    return np.where(offset(summer) == _SUMMER, summer, walls - _WINTER)


def twice_over(minutes: Ints) -> Ints:
    """Give the hour that October repeats half of its arrivals the second time: those of odd minutes."""
    again = (wall(minutes) == wall(minutes + HOUR)) & (minutes % 2 == 1)
    return minutes + HOUR * again


def completed_years(birth: Ints, day: Ints) -> Ints:
    """Give ages, from days since 1970."""
    born, now = birth.astype("datetime64[D]"), day.astype("datetime64[D]")
    born_month, month = born.astype("datetime64[M]"), now.astype("datetime64[M]")
    months = (month - born_month).astype(np.int64)
    early = (now - month).astype(np.int64) < (born - born_month).astype(np.int64)
    return (months - early) // 12


def age_at(birth: Ints, minutes: Ints) -> Ints:
    """Give ages in completed years at some instants; birthdays begin at midnight in Paris."""
    return completed_years(birth, wall(minutes) // DAY)


def _clock_faces() -> Bytes:
    """Write every minute of a day: THH:MM:00."""
    matrix = np.empty((DAY, 9), np.uint8)
    matrix[:] = np.frombuffer(b"T00:00:00", np.uint8)
    minutes = np.arange(DAY)
    put_digits(matrix[:, 1:3], minutes // HOUR)
    put_digits(matrix[:, 4:6], minutes % HOUR)
    return matrix


def _put_dates(matrix: Bytes, days: Ints) -> None:
    """Write each day once: all from the first to the last, or those that are there when it is too long."""
    first, last = int(days.min()), int(days.max())
    if last - first < _LIFETIMES:
        known, place = np.arange(first, last + 1), days - first
    else:  # the death of the living, for example, is no day
        known, place = np.unique(days, return_inverse=True)
    written = known.astype("datetime64[D]").astype("S10")
    matrix[:] = written.view(np.uint8).reshape(-1, 10)[place]


def dates(days: Ints, present: Flags | None = None) -> Plain:
    """Make a column of dates (2023-06-15) from days since 1970."""
    matrix = np.empty((len(days), 10), np.uint8)
    if len(days):
        _put_dates(matrix, days)
    return fixed(matrix, present)


_FACES = _clock_faces()
_OFFSETS = np.frombuffer(b"+01:00+02:00", np.uint8).reshape(2, 6)


def stamps(minutes: Ints, present: Flags | None = None) -> Plain:
    """Make a column of instants as FHIR writes them: 2023-06-15T10:00:00+02:00."""
    matrix = np.empty((len(minutes), 25), np.uint8)
    if len(minutes):
        ahead = offset(minutes)
        days, faces = np.divmod(minutes + ahead, DAY)
        _put_dates(matrix[:, :10], days)
        matrix[:, 10:19] = _FACES[faces]
        matrix[:, 19:] = _OFFSETS[(ahead == _SUMMER).astype(np.int8)]
    return fixed(matrix, present)

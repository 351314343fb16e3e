"""French wall time: UTC inside the generator, Europe/Paris offsets in the resources.

The offset follows the European rule (summer time from the last Sunday of March to the last Sunday of October,
at 01:00 UTC, directive 2000/84/EC) so that no time zone database has to be installed.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache

_WINTER = timezone(timedelta(hours=1))
_SUMMER = timezone(timedelta(hours=2))


@cache
def _last_sunday(year: int, month: int) -> datetime:
    last_day = datetime(year, month, 31, 1, tzinfo=UTC)
    return last_day - timedelta(days=(last_day.weekday() + 1) % 7)


def local(instant: datetime) -> datetime:
    """Give the same instant with the offset in force in Paris."""
    utc = instant.astimezone(UTC)
    summer = _last_sunday(utc.year, 3) <= utc < _last_sunday(utc.year, 10)
    return utc.astimezone(_SUMMER if summer else _WINTER)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Give the UTC instant of a Paris wall time; the hour skipped in March is read as winter time."""
    summer = datetime(day.year, day.month, day.day, hour, minute, tzinfo=_SUMMER)
    if local(summer).utcoffset() == summer.utcoffset():
        return summer.astimezone(UTC)
    return summer.replace(tzinfo=_WINTER).astimezone(UTC)


def stamp(instant: datetime) -> str:
    """Write an instant as FHIR does: 2023-06-15T10:00:00+02:00."""
    return local(instant).isoformat(timespec="seconds")

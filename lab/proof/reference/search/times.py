"""Dates as intervals of milliseconds, from their text.

Spec: https://hl7.org/fhir/R4/search.html#date
"""

import calendar
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
FOREVER = 10**18
Interval = tuple[int, int]


def interval(text: str) -> Interval:
    """Return the first millisecond and the one after the last.

    Raises:
        ValueError: the text is not a date.
    """
    day, _, time = text.partition("T")
    numbers = [int(part) for part in day.split("-")]
    if [len(part) for part in day.split("-")] != [4, 2, 2][: len(numbers)]:
        raise ValueError(text)
    if time:
        return _at_time(numbers, time)
    year, month, date = (*numbers, 1, 1)[:3]
    start = datetime(year, month, date, tzinfo=PARIS)
    days = 1
    if len(numbers) == 2:
        days = calendar.monthrange(year, month)[1]
    if len(numbers) == 1:
        days = 366 if calendar.isleap(year) else 365
    try:
        end = datetime.combine(start.date() + timedelta(days=days), start.time(), PARIS)
    except OverflowError:  # the last day of the calendar
        return _count(start), FOREVER
    return _count(start), _count(end)


def _at_time(numbers: list[int], time: str) -> Interval:
    zone: tzinfo = PARIS
    clock = time
    if time.endswith("Z"):
        zone, clock = UTC, time[:-1]
    elif time[-6:-5] in {"+", "-"}:
        hours, minutes = int(time[-5:-3]), int(time[-2:])
        offset = timedelta(hours=hours, minutes=minutes)
        from_zero = datetime(*numbers, tzinfo=UTC)  # type: ignore[misc,arg-type]
        zone, clock = UTC, time[:-6]
        shift = -offset if time[-6] == "+" else offset
        low, high = _of_clock(from_zero, clock)
        moved = _count(from_zero) + int(shift.total_seconds() * 1000)
        return moved + low, moved + high
    midnight = datetime(*numbers, tzinfo=UTC)  # type: ignore[misc,arg-type]
    low, high = _of_clock(midnight, clock)
    local = (midnight + timedelta(milliseconds=low)).replace(tzinfo=zone)
    return _count(local), _count(local) + high - low


def _of_clock(_: datetime, clock: str) -> Interval:
    """Return the milliseconds since midnight at which a time begins and ends."""
    whole, _dot, fraction = clock.partition(".")
    parts = [int(part) for part in whole.split(":")]
    hours, minutes, seconds = (*parts, 0)[:3]
    if len(parts) < 2 or hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(clock)
    low = ((hours * 60 + minutes) * 60 + seconds) * 1000
    if len(parts) == 2:
        return low, low + 60_000
    if not fraction:
        return low, low + 1000
    width = {1: 100, 2: 10}.get(len(fraction), 1)
    low += int((fraction + "00")[:3])
    return low, low + width


def _count(moment: datetime) -> int:
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000

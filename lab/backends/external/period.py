"""Whether a Period holds at an instant; its ends are as wide as they are precise.

Spec: https://hl7.org/fhir/R4/datatypes.html#Period
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Paris")
"""That of dates without one: the zone of the hospital."""

_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?")


def holds(period: Any, now: datetime) -> bool:
    """Tell whether the instant is in the period; an unreadable one never holds."""
    if period is None:
        return True
    if not isinstance(period, dict):
        return False
    try:
        return _begun(period.get("start"), now) and not _ended(period.get("end"), now)
    except (ValueError, TypeError, OverflowError):
        return False


def _begun(start: str | None, now: datetime) -> bool:
    return start is None or _interval(start)[0] <= now


def _ended(end: str | None, now: datetime) -> bool:
    return end is not None and _interval(end)[1] <= now


def _interval(text: str) -> tuple[datetime, datetime]:
    match = _DATE.fullmatch(text)
    if match is None:
        low = datetime.fromisoformat(text)
        low = low if low.tzinfo else low.replace(tzinfo=ZONE)
        return low, low + timedelta(milliseconds=1 if "." in text else 1000)
    year, month, day = int(match["year"]), match["month"], match["day"]
    low = datetime(year, int(month or 1), int(day or 1), tzinfo=ZONE)
    if day:
        high = low + timedelta(days=1)
    elif month:
        high = datetime(year + int(month) // 12, int(month) % 12 + 1, 1, tzinfo=ZONE)
    else:
        high = datetime(year + 1, 1, 1, tzinfo=ZONE)
    return low.astimezone(UTC), high.astimezone(UTC)

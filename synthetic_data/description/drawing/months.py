"""Where months begin between two days."""

from collections.abc import Iterator
from datetime import date

from synthetic_data.description.bilingual import Both
from synthetic_data.description.portraits.rhythms import MONTHS

_DECEMBER = 12


def month_starts(first: date, last: date) -> Iterator[tuple[date, Both]]:
    """Give the first day of each month and its name; the first month from its first day shown."""
    day = first
    while day < last:
        yield day, Both(*MONTHS[day.month - 1])
        ahead = day.month == _DECEMBER
        day = date(day.year + ahead, 1 if ahead else day.month + 1, 1)

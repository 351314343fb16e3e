"""The clock of Paris: one hour ahead of UTC, two from the last Sunday of March to the last one of October."""

from datetime import UTC, datetime, timedelta

import numpy as np

from synthetic_data.verification.keys import Ints

_HOUR = 3600


def _change(year: int, month: int) -> int:
    """Give the second of a clock change: 01:00 UTC on the last Sunday (directive 2000/84/EC)."""
    last_day = datetime(year, month, 31, 1, tzinfo=UTC)
    return int((last_day - timedelta(days=(last_day.weekday() + 1) % 7)).timestamp())


_CHANGES = np.array([_change(year, month) for year in range(1996, 2101) for month in (3, 10)])


def paris_offset(seconds: Ints) -> Ints:
    """Give the seconds ahead of UTC at these instants (seconds since 1970 UTC), from 1996 on."""
    summer = np.searchsorted(_CHANGES, seconds, side="right") % 2
    return np.where(summer, 2 * _HOUR, _HOUR)

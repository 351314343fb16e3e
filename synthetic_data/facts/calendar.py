"""When people arrive: laws over the days of the year and the hours of the day (table rythmes.csv)."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.chance import Dice, Floats
from synthetic_data.facts.clock import DAY, HOUR, utc, wall
from synthetic_data.tables import table
from synthetic_data.templating.columns import Ints

PROFILES = ("admissions", "consultations", "urgences")
ADMISSIONS, CONSULTATIONS, EMERGENCIES = range(3)
# Holidays of fixed date, and the movable ones of 2022 to 2024: they are lived as Sundays.
_HOLIDAYS = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
_MOVABLE = {
    (2022, 4, 18), (2022, 5, 26), (2022, 6, 6), (2023, 4, 10), (2023, 5, 18), (2023, 5, 29), (2024, 4, 1),
    (2024, 5, 9), (2024, 5, 20),
}  # fmt: skip
_SUNDAY = 6


@dataclass(frozen=True, slots=True, eq=False)
class Year:
    """The laws of one year: `days[profile]` cumulated over its days, `hours[profile]` over 24 hours."""

    first_day: int
    days: Floats
    hours: Floats

    def draw(self, rng: Dice, profile: Ints, earliest: Ints, latest: Ints, luck: Floats) -> Ints:
        """Draw an arrival for each row between two instants, from `luck` in [0, 1); in minutes.

        The hour law is cut by the bounds only on their own days, by drawing any minute left of that day.
        """
        begin, end = wall(earliest), wall(np.maximum(earliest, latest))
        low = self._mass(profile, begin)
        high = self._mass(profile, end)
        day = self._day(profile, low + luck * (high - low))
        minute = self._hour(profile, rng.random(len(profile))) * HOUR + rng.integers(0, HOUR, len(profile))
        chosen = (self.first_day + day) * DAY + minute
        outside = (chosen < begin) | (chosen > end)
        if outside.any():
            first = np.maximum(begin, (self.first_day + day) * DAY)
            last = np.maximum(first, np.minimum(end, (self.first_day + day + 1) * DAY - 1))
            anywhere = first + (rng.random(len(profile)) * (last - first)).astype(np.int64)
            chosen = np.where(outside, anywhere, chosen)
        return np.clip(utc(chosen), earliest, np.maximum(earliest, latest))

    def _mass(self, profile: Ints, walls: Ints) -> Floats:
        """Give the part of the year's arrivals that comes before a wall time."""
        day, minute = np.divmod(walls - self.first_day * DAY, DAY)
        day = np.clip(day, 0, self.days.shape[1] - 2)
        start = self.days[profile, day]
        return start + (self.days[profile, day + 1] - start) * minute / DAY

    def _day(self, profile: Ints, mass: Floats) -> Ints:
        day = np.empty(len(profile), np.int64)
        for rank in range(len(PROFILES)):
            rows = profile == rank
            day[rows] = np.searchsorted(self.days[rank], mass[rows], side="right") - 1
        return np.clip(day, 0, self.days.shape[1] - 2)

    def _hour(self, profile: Ints, luck: Floats) -> Ints:
        hour = np.empty(len(profile), np.int64)
        for rank in range(len(PROFILES)):
            rows = profile == rank
            hour[rows] = np.searchsorted(self.hours[rank], luck[rows], side="right")
        return np.minimum(hour, 23)


@cache
def year_of(start_minute: int, now_minute: int) -> Year:
    """Give the laws of the year between two instants."""
    first, last = (int(day) // DAY for day in wall(np.array([start_minute, now_minute])))
    days = np.array([[day_weight(profile, day) for day in range(first, last + 1)] for profile in PROFILES])
    cumulated = np.concatenate([np.zeros((len(PROFILES), 1)), np.cumsum(days, axis=1)], axis=1)
    hours = np.cumsum([hour_weights(profile) for profile in PROFILES], axis=1)
    return Year(first, cumulated / cumulated[:, -1:], hours / hours[:, -1:])


def day_weight(profile: str, day: int) -> float:
    """Give the weight of a day (days since 1970) for arrivals of a profile."""
    date = np.datetime64(day, "D").astype(object)
    holiday = (date.month, date.day) in _HOLIDAYS or (date.year, date.month, date.day) in _MOVABLE
    weekday = _SUNDAY if holiday else date.weekday()
    return _weights(profile, "jour")[weekday] * _weights(profile, "mois")[date.month - 1]


def hour_weights(profile: str) -> Floats:
    """Give the weights of the 24 hours of a day."""
    return np.array(_weights(profile, "heure"))


@cache
def _weights(profile: str, unit: str) -> tuple[float, ...]:
    return tuple(float(row[profile]) for row in table("rythmes") if row["unite"] == unit)

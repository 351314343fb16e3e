"""When people arrive: laws over the days of the year and the hours of the day (table rythmes.csv)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.chance import Floats
from synthetic_data.facts.clock import DAY, HOUR, twice_over, utc, wall
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
    """The laws of one year, cumulated from 0 to 1: by profile, `days` over its days, `hours` over a day."""

    first_day: int
    days: Floats
    hours: Floats

    def draw(self, profile: Ints, earliest: Ints, latest: Ints, luck: Floats) -> Ints:
        """Draw an arrival for each row between two instants, in minutes, from `luck` in [0, 1).

        The law is cut by the bounds: the hours of the night stay empty of consultations even on the days that
        a bound cuts. Between bounds that the law excludes (a night, a Sunday), any minute may come.
        """
        latest = np.maximum(earliest, latest)
        drawn = np.empty(len(profile), np.int64)
        for rank in range(len(PROFILES)):
            rows = np.flatnonzero(profile == rank)
            low, high = self._mass(rank, wall(earliest[rows])), self._mass(rank, wall(latest[rows]))
            moment = twice_over(utc(self._moment(rank, low + luck[rows] * (high - low))))
            anywhere = earliest[rows] + (luck[rows] * (latest - earliest)[rows]).astype(np.int64)
            drawn[rows] = np.where(high > low, moment, anywhere)
        return np.clip(drawn, earliest, latest)

    def _mass(self, profile: int, walls: Ints) -> Floats:
        """Give the part of the year's arrivals that comes before a wall time."""
        day, minute = np.divmod(walls - self.first_day * DAY, DAY)
        day = np.clip(day, 0, self.days.shape[1] - 2)
        within = np.interp(minute / HOUR, np.arange(25), self.hours[profile])
        start, end = self.days[profile, day], self.days[profile, day + 1]
        return start + (end - start) * within

    def _moment(self, profile: int, mass: Floats) -> Ints:
        """Give the wall time before which that part of the year's arrivals comes: the inverse of `_mass`."""
        day, within = _inverse(self.days[profile], mass)
        hour, left = _inverse(self.hours[profile], within)
        return (self.first_day + day) * DAY + hour * HOUR + (left * HOUR).astype(np.int64)


def _inverse(cumulated: Floats, mass: Floats) -> tuple[Ints, Floats]:
    """Give the step of a growing staircase in which each mass falls, and how far into it, from 0 to 1."""
    step = np.clip(np.searchsorted(cumulated, mass, side="right") - 1, 0, len(cumulated) - 2)
    height = cumulated[step + 1] - cumulated[step]
    return step, np.clip((mass - cumulated[step]) / np.where(height > 0, height, 1.0), 0.0, 1 - 1e-9)


@cache
def year_of(start_minute: int, now_minute: int) -> Year:
    """Give the laws of the year between two instants."""
    first, last = (int(day) // DAY for day in wall(np.array([start_minute, now_minute])))
    days = [[day_weight(profile, day) for day in range(first, last + 1)] for profile in PROFILES]
    return Year(first, _cumulated(days), _cumulated([hour_weights(profile) for profile in PROFILES]))


def _cumulated(weights: Sequence[Sequence[float] | Floats]) -> Floats:
    """Cumulate each row of weights, from 0 to 1."""
    rows = np.cumsum(np.array(weights), axis=1)
    return np.concatenate([np.zeros((len(rows), 1)), rows / rows[:, -1:]], axis=1)


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

"""When people arrive, on the clock of Paris, beside the rhythms of the tables; nights of clock changes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from synthetic_data.description.bilingual import Both, same
from synthetic_data.description.gathering.encounters import CONSULTATION, EMERGENCY, Encounters
from synthetic_data.description.portraits.comparison import Comparison, compared
from synthetic_data.facts.calendar import day_weight, hour_weights
from synthetic_data.verification.instants import ABSENT, DAY
from synthetic_data.verification.keys import Ints
from synthetic_data.verification.paris import paris_offset

_HOUR = 3600
_NIGHT_HOURS = 6
_EPOCH = date(1970, 1, 1)
_THURSDAY = 3  # 1970-01-01
_WEEKDAYS = (
    ("lun.", "Mon"), ("mar.", "Tue"), ("mer.", "Wed"), ("jeu.", "Thu"), ("ven.", "Fri"), ("sam.", "Sat"),
    ("dim.", "Sun"),
)  # fmt: skip
MONTHS = (
    ("janv.", "Jan"), ("févr.", "Feb"), ("mars", "Mar"), ("avril", "Apr"), ("mai", "May"), ("juin", "Jun"),
    ("juil.", "Jul"), ("août", "Aug"), ("sept.", "Sep"), ("oct.", "Oct"), ("nov.", "Nov"), ("déc.", "Dec"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClockHour:
    """One hour of such a night: what clocks show at its beginning, hours ahead of UTC, arrivals."""

    shown: int
    ahead: int
    arrivals: int


@dataclass(frozen=True, slots=True)
class ClockNight:
    """The night when clocks change, from midnight on; `forward`: in spring, when an hour is skipped."""

    day: date
    forward: bool
    hours: tuple[ClockHour, ...]


@dataclass(frozen=True, slots=True)
class Rhythms:
    """`misplaced`: starts and ends of encounters written with another offset than that of Paris."""

    emergency_hours: Comparison
    emergency_weekdays: Comparison
    emergency_months: Comparison
    consultation_hours: Comparison
    nights: tuple[ClockNight, ...]
    instants: int
    misplaced: int


def rhythms_of(encounters: Encounters, start: datetime, now: datetime) -> Rhythms:
    """Count the arrivals by hour, weekday and month."""
    emergencies, consultations = encounters.only(EMERGENCY), encounters.only(CONSULTATION)
    days = np.arange((start.date() - _EPOCH).days, (_last_day(now) - _EPOCH).days + 1)
    weights = np.array([day_weight("urgences", int(day)) for day in days])
    arrived = _walls(emergencies)
    return Rhythms(
        emergency_hours=_by_hour(arrived, "urgences"),
        emergency_weekdays=compared(
            [Both(*one) for one in _WEEKDAYS],
            np.bincount((arrived // DAY + _THURSDAY) % 7, minlength=7),
            np.bincount((days + _THURSDAY) % 7, weights, 7).astype(np.float64),
        ),
        emergency_months=compared(
            [Both(*one) for one in MONTHS],
            np.bincount(_months(arrived // DAY), minlength=12),
            np.bincount(_months(days), weights, 12).astype(np.float64),
        ),
        consultation_hours=_by_hour(_walls(consultations), "consultations"),
        nights=tuple(_nights(emergencies, start, now)),
        instants=int((encounters.start != ABSENT).sum() + encounters.ended.sum()),
        misplaced=int(encounters.misplaced.sum()),
    )


def _last_day(now: datetime) -> date:
    """Give the last day of the period: the present, at midnight, begins no day of it."""
    return (now - timedelta(seconds=1)).date()


def _walls(encounters: Encounters) -> Ints:
    return encounters.start_wall[encounters.start_wall != ABSENT]


def _by_hour(walls: Ints, profile: str) -> Comparison:
    counted = np.bincount(walls % DAY // _HOUR, minlength=24)
    return compared(
        [same(f"{hour}") for hour in range(24)], counted, hour_weights(profile).astype(np.float64)
    )


def _months(days: Ints) -> Ints:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12


def _nights(emergencies: Encounters, start: datetime, now: datetime) -> list[ClockNight]:
    """Find when clocks change in the period, and count the arrivals of each hour around it."""
    hours = np.arange(int(start.timestamp()) // _HOUR * _HOUR, int(now.timestamp()), _HOUR)
    ahead = paris_offset(hours)
    changes = np.flatnonzero(np.diff(ahead)) + 1
    arrival_hour = emergencies.start // _HOUR * _HOUR
    found = []
    for place in map(int, changes):
        midnight = place - int((hours[place] + ahead[place - 1]) % DAY // _HOUR)
        rows = [
            ClockHour(
                int((hours[at] + ahead[at]) % DAY // _HOUR),
                int(ahead[at] // _HOUR),
                int((arrival_hour == hours[at]).sum()),
            )
            for at in range(max(0, midnight), min(len(hours), midnight + _NIGHT_HOURS))
        ]
        day = datetime.fromtimestamp(int(hours[place] + ahead[place]), UTC).date()
        found.append(ClockNight(day, bool(ahead[place] > ahead[place - 1]), tuple(rows)))
    return found

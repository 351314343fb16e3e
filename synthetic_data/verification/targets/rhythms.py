"""Hours and weekdays of emergency arrivals and consultations (table rythmes.csv), on the clock of Paris."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import numpy as np

from synthetic_data.tables import table
from synthetic_data.verification.blocks import Block
from synthetic_data.verification.distances import Floats
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.instants import DAY
from synthetic_data.verification.keys import Flags, Ints
from synthetic_data.verification.target import Target

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_THURSDAY = 3  # 1970-01-01
_HOLIDAYS = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
_AFTER_EASTER = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday
_LAST_DAY = 24 * 3600


def _weights(profile: str, unit: str) -> Floats:
    return np.array([float(row[profile]) for row in table("rythmes") if row["unite"] == unit])


def _easter(year: int) -> date:
    """Give Easter Sunday (Meeus, Astronomical Algorithms, chapter 8: the Gregorian algorithm)."""
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + k - 7 * ((a + 11 * h + 22 * k) // 451) + 114, 31)
    return date(year, month, day + 1)


def _lived_as_sunday(day: date) -> bool:
    movable = {_easter(day.year) + timedelta(days=after) for after in _AFTER_EASTER}
    return (day.month, day.day) in _HOLIDAYS or day in movable


def _weekday_law(profile: str, hospital: Hospital) -> Floats:
    """Add up the weights of the days of the year: of their weekday (holidays: Sunday) and month."""
    weekdays = _weights(profile, "jour")
    months = _weights(profile, "mois") if len(_weights(profile, "mois")) else np.ones(12)
    law = np.zeros(7)
    day, last = hospital.folder.plan.start.date(), hospital.folder.plan.now
    while day < last.date() or (day == last.date() and last.hour > 0):
        weight = weekdays[6 if _lived_as_sunday(day) else day.weekday()]
        law[day.weekday()] += weight * months[day.month - 1]
        day += timedelta(days=1)
    return law


def _arrivals(class_: bytes, block: Block, hospital: Hospital) -> tuple[Ints, Flags]:
    """Give wall times, and the rows to count: the people of the last 24 hours are there on purpose."""
    start = block.instants("period.start")
    chosen = start.valid & (block.text("class.code") == class_) & (block.keys("partOf.reference").space < 0)
    return start.wall, chosen & (start.seconds < hospital.now - _LAST_DAY)


def _hours(class_: bytes, block: Block, hospital: Hospital) -> Floats:
    wall, chosen = _arrivals(class_, block, hospital)
    return np.bincount(wall[chosen] % DAY // 3600, minlength=24).astype(np.float64)


def _weekdays(class_: bytes, block: Block, hospital: Hospital) -> Floats:
    wall, chosen = _arrivals(class_, block, hospital)
    return np.bincount((wall[chosen] // DAY + _THURSDAY) % 7, minlength=7).astype(np.float64)


def _hour_law(profile: str, _hospital: Hospital) -> Floats:
    return _weights(profile, "heure")


def _targets(name: str, profile: str, class_: bytes) -> tuple[Target, Target]:
    hours = [f"{hour} h" for hour in range(24)]
    of: Callable[..., Callable[..., Floats]] = partial
    return (
        Target(f"hours of {name}", "Encounter", hours, of(_hours, class_), of(_hour_law, profile)),
        Target(f"weekdays of {name}", "Encounter", _DAYS, of(_weekdays, class_), of(_weekday_law, profile)),
    )


TARGETS = (
    *_targets("emergency arrivals", "urgences", b"EMER"),
    *_targets("consultations", "consultations", b"AMB"),
)

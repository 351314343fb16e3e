"""When things happen: weekday and hour profiles of arrivals (table rythmes.csv), public holidays."""

from datetime import date, datetime, timedelta
from functools import cache
from random import Random

from synthetic_data.chance import Urn
from synthetic_data.clock import at, local
from synthetic_data.tables import table

# Holidays of fixed date; the movable ones are left as working days.
_HOLIDAYS = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
_TRIES = 60


@cache
def _hours(profile: str) -> Urn[dict[str, str]]:
    rows = [row for row in table("rythmes") if row["unite"] == "heure"]
    return Urn.of(rows, lambda row: float(row[profile]))


@cache
def _busyness(profile: str) -> tuple[float, ...]:
    """Give the weight of each weekday, Monday first, the busiest being 1."""
    weights = [float(row[profile]) for row in table("rythmes") if row["unite"] == "jour"]
    return tuple(weight / max(weights) for weight in weights)


def _open(day: date, profile: str, luck: float) -> bool:
    weekday = 6 if (day.month, day.day) in _HOLIDAYS else day.weekday()
    return luck < _busyness(profile)[weekday]


def draw_moment(rng: Random, profile: str, earliest: datetime, latest: datetime) -> datetime:
    """Draw an arrival between two instants, in the profile of `urgences`, `consultations` or `admissions`.

    When no such hour falls between them (a few days off at most), any minute between them is taken.
    """
    minutes = max(0, int((latest - earliest).total_seconds() // 60))
    for _ in range(_TRIES):
        day = local(earliest + timedelta(minutes=rng.randint(0, minutes))).date()
        moment = at(day, int(_hours(profile).draw(rng)["valeur"]), rng.randrange(60))
        if earliest <= moment <= latest and _open(day, profile, rng.random()):
            return moment
    return earliest + timedelta(minutes=rng.randint(0, minutes))

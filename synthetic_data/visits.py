"""Emergency visits: motive, site, length, outcome."""

from datetime import datetime, timedelta
from functools import cache
from math import exp, log
from random import Random

from synthetic_data.diagnoses import draw_motive
from synthetic_data.episode import MINUTE, Episode
from synthetic_data.population import Person
from synthetic_data.structures import emergency_unit
from synthetic_data.tables import ADULT, proportion, table

ADMITTED = "hospitalisation"
_OLD = 75
_SHORTEST = 20 * MINUTE


@cache
def outcome_row(outcome: str) -> dict[str, str]:
    """Give the row of urgences_sorties.csv."""
    return next(row for row in table("urgences_sorties") if row["issue"] == outcome)


def is_admitted(rng: Random, person: Person, when: datetime) -> bool:
    """Draw whether a visit ends in a stay, by age."""
    old = person.age(when) >= _OLD
    return rng.random() < proportion("urgences_admission_75_ans" if old else "urgences_admission_adulte")


def draw_site(rng: Random, person: Person, when: datetime) -> str:
    """Draw the emergency site; minors go to Purpan, where the children's hospital is."""
    adult = person.age(when) >= ADULT
    return "rangueil" if rng.random() >= proportion("urgences_purpan") and adult else "purpan"


def draw_length(rng: Random, outcome: str) -> timedelta:
    """Draw how long a visit lasts: log-normal around the median of its outcome, in whole minutes."""
    minutes = exp(rng.gauss(log(float(outcome_row(outcome)["mediane_minutes"])), 0.5))
    return max(_SHORTEST, round(minutes) * MINUTE)


def draw_visit(
    rng: Random, person: Person, start: datetime, latest: datetime | None, site: str, *, admitted: bool
) -> Episode:
    """Draw a visit that begins at `start` and is over by `latest` (None: no limit)."""
    motive = draw_motive(rng, person.sex, person.age(start), person.health)
    outcome = ADMITTED if admitted else _other_outcome(rng)
    end = start + draw_length(rng, outcome)
    return Episode(
        kind="emergency",
        person=person,
        start=start,
        end=end if latest is None else min(end, latest),
        unit=emergency_unit(site),
        diagnosis=motive.diagnosis,
        motive=motive,
        outcome=outcome,
    )


def _other_outcome(rng: Random) -> str:
    luck = rng.random()
    left, observed = proportion("urgences_parti_sans_soins"), proportion("urgences_uhcd")
    return "parti" if luck < left else "uhcd" if luck < left + observed else "domicile"

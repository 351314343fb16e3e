"""The patients of a block: age, sex, hidden state, and when they can be seen during the year."""

from dataclasses import dataclass, field

import numpy as np

from synthetic_data.facts.chance import Dice, dice, draw, strata
from synthetic_data.facts.clock import DAY, completed_years, utc, wall
from synthetic_data.facts.duplicates import draw_duplicates, own_record
from synthetic_data.facts.hard_cast import Cast, cast_hard_cases
from synthetic_data.facts.hard_lives import played_births, played_deaths, played_health
from synthetic_data.facts.health import Health, draw_health
from synthetic_data.facts.volumes import members_of
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import table
from synthetic_data.templating.columns import Flags, Ints

MALE, FEMALE = 0, 1
NEVER = np.iinfo(np.int64).max
ELDEST = 106
# Everybody can be seen during at least this long, so that drawn activity always fits.
_SHORTEST_PRESENCE = 30 * DAY


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """One row for each patient of a block. Times are minutes and `birth` days, since 1970.

    `index`: rank in the hospital; `age`: completed years at `now`; `death`: NEVER for the living; they can be
    seen from `seen_from` until `seen_until`; `newborn`: born during the year; `same_as`: rank of the record
    into which this one was merged, or NONE; `cast`: who plays the hard cases.
    """

    index: Ints
    sex: Ints
    birth: Ints
    age: Ints
    death: Ints
    seen_from: Ints
    seen_until: Ints
    newborn: Flags
    health: Health
    same_as: Ints
    cast: Cast = field(default_factory=Cast)

    def __len__(self) -> int:
        """Give the number of patients."""
        return len(self.index)


def age_law() -> tuple[list[tuple[int, int, int]], list[float]]:
    """Give the bands (sex, youngest, oldest) and their weights: residents by use of the hospital.

    The open band is closed at 106 years.
    """
    bands = [
        (sex, int(row["age_min"]), min(int(row["age_max"]), ELDEST))
        for row in table("population")
        for sex in (MALE, FEMALE)
    ]
    weights = [
        int(row[column]) * float(row["recours"])
        for row in table("population")
        for column in ("hommes", "femmes")
    ]
    return bands, weights


def draw_people(plan: HospitalPlan, block: int) -> People:
    """Draw the patients of a block."""
    members = members_of(plan.patients, block)
    rng, count = dice(plan.seed, "people", block), len(members)
    bands, weights = age_law()
    band = draw(weights, strata(rng, count))
    sex, youngest, oldest = np.array(bands)[band].T
    age = youngest + (rng.random(count) * (oldest - youngest + 1)).astype(np.int64)
    today = int(wall(np.array([plan.now_minute]))[0] // DAY)
    cast, sex, birth = cast_hard_cases(plan, block, sex, _births(rng, today, age))
    same_as = draw_duplicates(plan, block, sex, birth, cast)
    own = own_record(same_as)
    birth = birth[own]
    age = completed_years(birth, np.full(count, today))
    death = _deaths(rng, plan, age, np.array([float(row["deces"]) for row in table("population")])[band // 2])
    death = played_deaths(cast, death, plan.now_minute, NEVER)[own]
    born = utc(birth * DAY + played_births(cast, rng.integers(0, DAY, count)))
    newborn = born > plan.start_minute
    return People(
        index=np.arange(members.start, members.stop),
        sex=sex,
        birth=birth,
        age=age,
        death=death,
        seen_from=np.where(newborn, born, plan.start_minute),
        seen_until=np.minimum(death, plan.now_minute),
        newborn=newborn,
        health=played_health(cast, draw_health(rng, sex, age), sex, age).of(own),
        same_as=same_as,
        cast=cast,
    )


def _births(rng: Dice, today: int, age: Ints) -> Ints:
    """Draw birth dates that give the ages today; babies are at least a month old."""
    month = np.datetime64(today, "D").astype("datetime64[M]")
    day = min(today - int(month.astype("datetime64[D]").astype(int)), 27)
    birthdays = (month - 12 * age).astype("datetime64[D]").astype(np.int64) + day
    soonest = np.where(age == 0, _SHORTEST_PRESENCE // DAY, 0)
    return birthdays - soonest - (rng.random(len(age)) * (364 - soonest)).astype(np.int64)


def _deaths(rng: Dice, plan: HospitalPlan, age: Ints, rate: Ints) -> Ints:
    """Draw deaths during the year; nobody dies in the first month nor in the last two days, nor as a baby."""
    dying = (rng.random(len(age)) < rate) & (age > 0)
    length = plan.now_minute - plan.start_minute
    before = rng.integers(2 * DAY, length - _SHORTEST_PRESENCE, len(age))
    return np.where(dying, plan.now_minute - before, NEVER)

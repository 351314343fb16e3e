"""Who plays the hard cases: people of the first block, those whose sex and age are nearest to the part.

The parts, one a row of cas_difficiles.csv: sex, birth date or age aimed at, how far from it a person may be.
With `exacte` the person is given that birth date; the others keep their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from synthetic_data.facts.clock import DAY, completed_years, wall
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import ADULT, table
from synthetic_data.templating.columns import Flags, Ints

PARTS = tuple(row for row in table("cas_difficiles") if int(row["nombre"]))
TWINS = ("jumeaux_mixtes", "jumeaux_semblables")
_MIXED = TWINS[0]
_FEWEST = 150  # patients of a hospital with hard cases: they would be half of a smaller one
_MALE, _FEMALE = 0, 1
_MAY_GIVE_BIRTH = (15, 48)  # left out: a delivery is nobody's part
_YEAR = 365.25
_AFTER_BIRTHDAY = 120  # days
_YOUNGEST_TWINS, _OLDEST_TWINS = 40, 330  # days


@dataclass(frozen=True, slots=True)
class Cast:
    """Ranks of the people who play each part; a part that nobody can play is left out."""

    ranks: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def of(self, *parts: str) -> Ints:
        """Give the ranks of those who play some parts."""
        return np.array([rank for part in parts for rank in self.ranks.get(part, ())], np.int64)

    def everybody(self) -> Ints:
        """Give the ranks of all who play."""
        return self.of(*self.ranks)


@dataclass(slots=True, eq=False)
class _Stage:
    """What the choice works on; `free`: who has no part yet."""

    today: int
    sex: Ints
    birth: Ints
    free: Flags


def cast_hard_cases(plan: HospitalPlan, block: int, sex: Ints, birth: Ints) -> tuple[Cast, Ints, Ints]:
    """Choose the people, and give back sexes and birth dates changed to those of their parts."""
    if block or plan.patients < _FEWEST:
        return Cast(), sex, birth
    today = int(wall(np.array([plan.now_minute]))[0] // DAY)
    stage = _Stage(today, sex.copy(), birth.copy(), np.ones(len(sex), bool))
    ranks = {part["cas"]: found for part in PARTS if (found := _play(stage, part))}
    return Cast(ranks), stage.sex, stage.birth


def _play(stage: _Stage, part: dict[str, str]) -> tuple[int, ...]:
    """Find who plays a part; nobody unless there are enough people for it."""
    twins = part["cas"] in TWINS
    aimed = _aimed(stage, part)
    distance = np.abs(stage.birth - aimed).astype(float)
    distance[~_suitable(stage, part)] = np.inf
    chosen = np.argsort(distance, kind="stable")[: int(part["nombre"])]
    if (distance[chosen] > float(part["ecart_ans"]) * _YEAR).any():
        return ()
    stage.free[chosen] = False
    if twins:
        youngest, oldest = stage.today - _YOUNGEST_TWINS, stage.today - _OLDEST_TWINS
        stage.birth[chosen] = np.clip(stage.birth[chosen[0]], oldest, youngest)
        stage.sex[chosen] = (_MALE, _FEMALE) if part["cas"] == _MIXED else (_FEMALE, _FEMALE)
    elif part["exacte"]:
        stage.birth[chosen] = aimed
    return tuple(chosen.tolist())


def _aimed(stage: _Stage, part: dict[str, str]) -> int:
    if part["naissance"]:
        return int(np.datetime64(part["naissance"], "D").astype(int))
    month = np.datetime64(stage.today - _AFTER_BIRTHDAY, "D").astype("datetime64[M]") - 12 * int(part["age"])
    return int(month.astype("datetime64[D]").astype(int))


def _suitable(stage: _Stage, part: dict[str, str]) -> Flags:
    """Tell who is free, of the right sex and, unless the part says otherwise, an adult."""
    age = completed_years(stage.birth, np.full(len(stage.birth), stage.today))
    youngest, oldest = _MAY_GIVE_BIRTH
    suits = stage.free & ~((stage.sex == _FEMALE) & (age >= youngest) & (age <= oldest))
    if part["sexe"]:
        suits &= stage.sex == (_MALE if part["sexe"] == "M" else _FEMALE)
    aimed = completed_years(np.array([_aimed(stage, part)]), np.array([stage.today]))[0]
    return suits & ((age >= ADULT) if aimed >= ADULT else (age < ADULT))

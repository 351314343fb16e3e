"""Merged identities: records that duplicate an earlier one of the block, into which they were merged.

A duplicate is the same person, so it has the same sex, birth and health; nothing happened under it this year.
"""

import numpy as np

from synthetic_data.facts.chance import dice
from synthetic_data.facts.clock import DAY, completed_years
from synthetic_data.facts.hard_cast import Cast
from synthetic_data.facts.journeys import NONE
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import ADULT, proportion
from synthetic_data.templating.columns import Ints

_FEMALE = 1
_MOTHERS_UNTIL = 48  # years: women who may give birth this year are neither side of a merge
_FEWEST = 150  # patients of a hospital that has one for sure


def draw_duplicates(plan: HospitalPlan, block: int, sex: Ints, birth: Ints, cast: Cast) -> Ints:
    """Give, for each record, the rank of the surviving one it duplicates, or NONE.

    The survivor comes before its duplicate: a reference to it then points backwards. The one nearest in age
    is chosen, which leaves the ages of the block as they were.
    """
    rng = dice(plan.seed, "duplicates", block)
    same_as = np.full(len(sex), NONE)
    wanted = int(rng.binomial(len(sex), proportion("identite_fusionnee")))
    if block == 0 and plan.patients >= _FEWEST:
        wanted = max(1, wanted)
    age = completed_years(birth, np.full(len(birth), plan.now_minute // DAY))
    free = (age >= ADULT) & ~((sex == _FEMALE) & (age <= _MOTHERS_UNTIL))
    free[cast.everybody()] = False
    for duplicate in rng.permutation(np.flatnonzero(free)):
        if wanted <= 0:
            break
        earlier = np.flatnonzero(free[:duplicate] & (sex[:duplicate] == sex[duplicate]))
        if free[duplicate] and len(earlier):
            survivor = earlier[np.argmin(np.abs(birth[earlier] - birth[duplicate]))]
            same_as[duplicate] = survivor
            free[[survivor, duplicate]] = False
            wanted -= 1
    return same_as


def own_record(same_as: Ints) -> Ints:
    """Give the rank of the record that holds the truth about each: its survivor, or itself."""
    return np.where(same_as == NONE, np.arange(len(same_as)), same_as)

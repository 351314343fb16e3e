"""Who opposes the secondary use of their health data for research, and since when."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.facts.chance import dice
from synthetic_data.facts.people import People
from synthetic_data.plan import HospitalPlan
from synthetic_data.templating.columns import Ints

SHARE = 0.02  # of the patients, illustrative


@dataclass(frozen=True, slots=True, eq=False)
class Oppositions:
    """One row for each person who opposes. `since`: minutes since 1970, during the year."""

    person: Ints
    since: Ints

    def __len__(self) -> int:
        """Give the number of oppositions."""
        return len(self.person)


def draw_oppositions(plan: HospitalPlan, block: int, people: People) -> Oppositions:
    """Draw the oppositions of a block; a child's is expressed by its parents."""
    rng = dice(plan.seed, "oppositions", block)
    person = np.flatnonzero(rng.random(len(people)) < SHARE)
    first, last = people.seen_from[person], people.seen_until[person]
    return Oppositions(person, first + (rng.random(len(person)) * (last - first)).astype(np.int64))

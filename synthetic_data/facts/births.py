"""Births: the stay of each newborn, and the delivery of its mother, at the same time."""

from dataclasses import dataclass, replace

import numpy as np

from synthetic_data.facts.calendar import ADMISSIONS
from synthetic_data.facts.chance import Dice, draw, strata
from synthetic_data.facts.clock import DAY, HOUR, wall
from synthetic_data.facts.diagnoses import BIRTH, CODES, DELIVERIES, starting_with
from synthetic_data.facts.hard_cast import TWINS
from synthetic_data.facts.journeys import NONE, Journeys
from synthetic_data.facts.nights import draw_nights
from synthetic_data.facts.people import FEMALE, NEVER, People
from synthetic_data.tables import proportion, table
from synthetic_data.templating.columns import Ints

_MOTHERS = (17, 46)  # years of age at the end of the year
_PRETERM = ("P07",)
_TOGETHER = 7  # nights


@dataclass(frozen=True, slots=True, eq=False)
class Births:
    """`journeys` of newborns and mothers; `mother`: rank of the mother of each person, or NONE."""

    journeys: Journeys
    mother: Ints


def births(rng: Dice, people: People, wanted: int) -> Births:
    """Draw at most `wanted` births in the hospital; the other newborns of the block were born elsewhere."""
    mother = np.full(len(people), NONE)
    played = people.cast.of(*TWINS)  # they come first, each pair side by side
    born = np.flatnonzero(people.newborn & (people.death == NEVER))
    children = np.concatenate([played, np.setdiff1d(born, played)])[:wanted]
    mothers = _mothers(rng, people, len(children))
    children = children[: len(mothers)]
    twins = _second_twins(rng, len(children), min(len(played), len(children)))
    mothers[twins] = mothers[twins - 1]
    mother[children] = mothers
    people.seen_from[children[twins]] = people.seen_from[children[twins - 1]] + 15
    people.birth[children[twins]] = wall(people.seen_from[children[twins]]) // DAY
    babies = _stays(rng, children, _drawn(rng, BIRTH, len(children)), people.seen_from[children])
    alone = np.setdiff1d(np.arange(len(children)), twins)
    early = np.array([CODES[d].startswith(_PRETERM) for d in babies.diagnosis], bool)
    deliveries = _drawn(rng, "", len(children), early)
    before = people.seen_from[children] - rng.integers(2 * HOUR, 12 * HOUR, len(children))
    start = np.maximum(before, people.seen_from[mothers])
    # Mother and child leave together, unless the child must stay on; a birth after midnight gives the mother
    # a night more.
    alone_nights = draw_nights(deliveries, strata(rng, len(children)))
    own = np.where(babies.nights > _TOGETHER, alone_nights, babies.nights)
    nights = own + wall(babies.start) // DAY - wall(start) // DAY
    parents = replace(_stays(rng, mothers, deliveries, start), nights=nights, leaves=babies.leaves)
    return Births(Journeys.all_of([babies, parents.taken(alone)]), mother)


def _second_twins(rng: Dice, count: int, played: int) -> Ints:
    """Give the places of the children born just after the one before them; the `played` first are pairs."""
    second = rng.random(count) < proportion("jumeaux")
    second[:played] = np.arange(played) % 2 == 1
    second[played : played + 1] = False
    second[1:] &= ~second[:-1]  # no triplets: the third would not be born with the first
    return np.flatnonzero(second)


def _mothers(rng: Dice, people: People, wanted: int) -> Ints:
    youngest, oldest = _MOTHERS
    can = (people.sex == FEMALE) & (people.age >= youngest) & (people.age <= oldest) & (people.death == NEVER)
    return rng.permutation(np.flatnonzero(can))[:wanted]


def _drawn(rng: Dice, needs: str, count: int, early: Ints | None = None) -> Ints:
    """Draw diagnoses of births (of the newborn, or of the mother when `needs` is empty)."""
    rows = table("cim10")
    of_mother = starting_with(*DELIVERIES)
    weights = np.array(
        [
            float(row["poids_sejour"]) * (row["exige"] == needs if needs else of_mother[rank])
            for rank, row in enumerate(rows)
        ]
    )
    drawn = draw(weights, strata(rng, count))
    if early is not None:
        drawn[early] = CODES.index("O60.1")
    return drawn


def _stays(rng: Dice, person: Ints, diagnosis: Ints, start: Ints) -> Journeys:
    count = len(person)
    return replace(
        Journeys.blank(person, ADMISSIONS, diagnosis),
        fixed=np.ones(count, bool),
        start=start,
        nights=draw_nights(diagnosis, strata(rng, count)),
        leaves=rng.integers(10 * 60, 17 * 60, count),
    )

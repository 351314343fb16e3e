"""Allergies and intolerances of people (table allergies.csv), and the medicines they rule out."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.chance import dice
from synthetic_data.facts.formulary import MEDICINES
from synthetic_data.facts.people import People
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import table
from synthetic_data.templating.columns import Flags, Ints

ALLERGIES = table("allergies")
_UNSURE = 0.12  # reported by the patient, never tested
_OVER = 0.04  # of the others: shown by a test to be over


@dataclass(frozen=True, slots=True, eq=False)
class Allergies:
    """One row for each allergy, by person. `allergy`: rank in allergies.csv.

    `confirmed`: by a test or a clear history; `active`: false once a test has shown that it is over.
    """

    person: Ints
    allergy: Ints
    confirmed: Flags
    active: Flags

    def __len__(self) -> int:
        """Give the number of allergies."""
        return len(self.person)


def draw_allergies(plan: HospitalPlan, block: int, people: People) -> Allergies:
    """Draw the allergies of a block; infants have none yet."""
    rng = dice(plan.seed, "allergies", block)
    shares = np.array([float(row["part"]) for row in ALLERGIES])
    drawn = (rng.random((len(people), len(ALLERGIES))) < shares) & (people.age > 0)[:, None]
    person, allergy = np.nonzero(drawn)
    confirmed = rng.random(len(person)) >= _UNSURE
    return Allergies(person, allergy, confirmed, ~confirmed | (rng.random(len(person)) >= _OVER))


def ruled_out(allergies: Allergies, count: int) -> Flags:
    """Tell which medicines the allergies of each of `count` people rule out, shape (people, medicines).

    One that is over rules out nothing; one that is not confirmed does, by caution.
    """
    refused = np.zeros((count, len(MEDICINES)), bool)
    active = np.flatnonzero(allergies.active)
    np.logical_or.at(refused, allergies.person[active], _excluded()[allergies.allergy[active]])
    return refused


@cache
def _excluded() -> Flags:
    """Tell which medicines each allergy excludes, shape (allergies, medicines)."""
    classes = [tuple(row["atc_exclus"].split()) for row in ALLERGIES]
    return np.array([[one["atc"].startswith(prefixes) for one in MEDICINES] for prefixes in classes])

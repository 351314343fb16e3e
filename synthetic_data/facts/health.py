"""Hidden state of people: long-term diseases and frailty, from which the rest of the record is drawn.

Prevalences are illustrative (table maladies.csv), those of people seen in a hospital, not of the population.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from synthetic_data.facts.chance import Dice, Floats
from synthetic_data.tables import table
from synthetic_data.templating.columns import Flags, Ints

DISEASES = table("maladies")
STATES = tuple(dict.fromkeys(row["etat"] for row in DISEASES))
_STATE = {state: rank for rank, state in enumerate(STATES)}
_ANY_SEX = {"": (True, True), "M": (True, False), "F": (False, True)}


@dataclass(frozen=True, slots=True, eq=False)
class Health:
    """`diseases`: (people, rows of maladies.csv), at most one for each state; `frailty`: 0 (robust) to 1."""

    diseases: Flags
    frailty: Floats

    def of(self, people: Ints) -> Self:
        """Give the health of some people, by rank."""
        return type(self)(self.diseases[people], self.frailty[people])

    def state(self, name: str) -> Flags:
        """Tell who is in a state (`diabete`); nobody is in one that the table does not know."""
        return self._any([row["etat"] == name for row in DISEASES])

    def having(self, code: str) -> Flags:
        """Tell who has a long-term disease, by its CIM-10 code."""
        return self._any([row["cim10"] == code for row in DISEASES])

    def having_any(self, prefixes: tuple[str, ...]) -> Flags:
        """Tell who has a long-term disease whose CIM-10 code starts with one of these."""
        return self._any([row["cim10"].startswith(prefixes) for row in DISEASES])

    def _any(self, chosen: Sequence[bool]) -> Flags:
        return np.logical_or.reduce(self.diseases[:, np.array(chosen)], axis=1)


def admitted(row: dict[str, str], sex: Ints, youngest: Ints, oldest: Ints) -> Flags:
    """Tell whom a row limited by `sexe`, `age_min` and `age_max` (years, included) accepts at both ages."""
    of_sex = np.array(_ANY_SEX[row["sexe"]])[sex]
    return of_sex & (youngest >= int(row["age_min"] or 0)) & (oldest <= int(row["age_max"] or 150))


def draw_health(rng: Dice, sex: Ints, age: Ints) -> Health:
    """Draw the diseases of people by sex (0 M, 1 F) and age, row after row of the table.

    A disease is more likely in those who already have the one that favours it.
    """
    luck = rng.random((len(DISEASES), len(sex)))
    diseases = np.zeros((len(sex), len(DISEASES)), bool)
    states = np.zeros((len(sex), len(STATES)), bool)
    for rank, row in enumerate(DISEASES):
        prevalence = np.full(len(sex), float(row["prevalence"]))
        if row["favorise_par"]:
            prevalence[states[:, _STATE[row["favorise_par"]]]] *= float(row["rapport"])
        known = states[:, _STATE[row["etat"]]]
        diseases[:, rank] = (luck[rank] < prevalence) & ~known & admitted(row, sex, age, age)
        known |= diseases[:, rank]
    frailty = 0.05 + 0.5 * (age / 100) ** 2 + 0.09 * diseases.sum(axis=1)
    return Health(diseases, np.minimum(1.0, frailty))

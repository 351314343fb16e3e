"""Hidden state of a person: long-term diseases and frailty, from which the rest of the record is drawn.

Prevalences are illustrative (table maladies.csv), those of people seen in a hospital, not of the population.
"""

from dataclasses import dataclass
from functools import cached_property
from random import Random

from synthetic_data.tables import admits, table


@dataclass(frozen=True)
class Health:
    """Diseases by state name (`diabete` -> `E11.9`) and frailty from 0 (robust) to 1."""

    diseases: dict[str, str]
    frailty: float

    @cached_property
    def words(self) -> frozenset[str]:
        """All the words a table may test: state names and CIM-10 codes."""
        return frozenset(self.diseases) | frozenset(self.diseases.values())


def draw_health(rng: Random, sex: str, age: int) -> Health:
    """Draw the diseases of a person of this sex (M or F) and age (years), one draw per row of the table."""
    diseases: dict[str, str] = {}
    for row in table("maladies"):
        luck = rng.random()
        prevalence = float(row["prevalence"])
        if row["favorise_par"] in diseases:
            prevalence *= float(row["rapport"])
        if luck < prevalence and row["etat"] not in diseases and admits(row, sex, age):
            diseases[row["etat"]] = row["cim10"]
    frailty = 0.05 + 0.5 * (age / 100) ** 2 + 0.09 * len(diseases)
    return Health(diseases, min(1.0, frailty))

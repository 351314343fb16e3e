"""The functional units as columns, and the one that best takes each diagnosis, sex and age."""

from functools import cache

import numpy as np

from synthetic_data.facts.diagnoses import CODES
from synthetic_data.facts.health import admitted
from synthetic_data.facts.people import ELDEST
from synthetic_data.tables import table
from synthetic_data.templating.columns import Ints

UNITS = tuple(row for row in table("structures") if row["type"] == "UF")
RANK = {row["id"]: rank for rank, row in enumerate(UNITS)}
EMERGENCY_SITES = ("purpan", "rangueil")
EMERGENCY = tuple(
    next(rank for rank, row in enumerate(UNITS) if row["usage"] == "urgences" and row["site"] == site)
    for site in EMERGENCY_SITES
)
LABORATORY = next(rank for rank, row in enumerate(UNITS) if row["usage"] == "laboratoire")
_AGES = ELDEST + 2


@cache
def _affinities() -> Ints:
    """Rate how well a unit fits, shape (units, diagnoses, sexes, ages).

    Length of the CIM-10 prefix, 0 for `*`, -1 when the unit cannot take the diagnosis or the person.
    """
    sexes = np.repeat([0, 1], _AGES)
    ages = np.tile(np.arange(_AGES), 2)
    rated = np.full((len(UNITS), len(CODES), 2, _AGES), -1, np.int8)
    for rank, row in enumerate(UNITS):
        prefixes = row["cim10"].split()
        lengths = [
            max((0 if p == "*" else len(p) for p in prefixes if p == "*" or code.startswith(p)), default=-1)
            for code in CODES
        ]
        takes = admitted(row, sexes, ages, ages).reshape(2, _AGES)
        rated[rank] = np.where(takes, np.array(lengths, np.int8)[:, None, None], -1)
    return rated


@cache
def _best(*usages: str) -> Ints:
    """Give the best unit of some usages; between equals, the first usage, then the first in the table."""
    candidates = [rank for usage in usages for rank, row in enumerate(UNITS) if row["usage"] == usage]
    return np.array(candidates)[_affinities()[candidates].argmax(axis=0)]


def unit_for(usages: tuple[str, ...], diagnosis: Ints, sex: Ints, age: Ints) -> Ints:
    """Give the rank in `UNITS` of the unit that best takes each row."""
    best = _best(*usages)
    return best[diagnosis, sex, np.minimum(age, _AGES - 1)]

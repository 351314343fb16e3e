"""What the laboratory measures, and what is usual for a sex, an age and a state, as columns.

Tables: laboratoire, labo_references (by sex and age), labo_etats (by disease or diagnosis), labo_tendances
(how a test evolves during a stay).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.chance import Floats
from synthetic_data.facts.health import admitted
from synthetic_data.facts.people import ELDEST
from synthetic_data.tables import number, table
from synthetic_data.templating.columns import Flags, Ints

TESTS = table("laboratoire")
RANK = {row["loinc"]: rank for rank, row in enumerate(TESTS)}
NORMAL, LOG_NORMAL, FINDING = "N", "LN", "C"
IS_FINDING = np.array([row["loi"] == FINDING for row in TESTS])
IS_LOG = np.array([row["loi"] == LOG_NORMAL for row in TESTS])
PLACES = np.array([int(row["decimales"] or 0) for row in TESTS])
CEILING = np.array([100.0 if row["ucum"] == "%" and row["ref_haute"] == "100" else np.inf for row in TESTS])
OLDEST = ELDEST + 1


@dataclass(frozen=True, slots=True)
class Range:
    """Reference range of one test for some sexes and ages; a bound may be missing."""

    test: int
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """What is usual, shape (sexes, ages, tests): rank of the range in `ranges`, centre and spread."""

    ranges: tuple[Range, ...]
    range_of: Ints
    centre: Floats
    spread: Floats


@dataclass(frozen=True, slots=True)
class Shift:
    """In a state or diagnosis (`word`), another centre and spread of one test."""

    word: str
    test: int
    centre: float
    spread: float


@cache
def usual() -> Usual:
    """Read the reference tables."""
    known = [
        Range(rank, number(row["ref_basse"]), number(row["ref_haute"])) for rank, row in enumerate(TESTS)
    ]
    shape = (2, OLDEST + 1, len(TESTS))
    range_of = np.broadcast_to(np.arange(len(TESTS)), shape).copy()
    laws = [_law(row) for row in TESTS]
    centre = np.broadcast_to([law[0] for law in laws], shape).copy()
    spread = np.broadcast_to([law[1] for law in laws], shape).copy()
    sexes, ages = (grid.ravel() for grid in np.meshgrid([0, 1], np.arange(OLDEST + 1), indexing="ij"))
    for row in reversed(table("labo_references")):  # between rows that overlap, the first one wins
        test = RANK[row["loinc"]]
        who = admitted(row, sexes, ages, ages).reshape(shape[:2])
        range_of[who, test] = len(known)
        known.append(Range(test, number(row["ref_basse"]), number(row["ref_haute"])))
        if row["p1"]:
            centre[who, test], spread[who, test] = float(row["p1"]), float(row["p2"])
    return Usual(tuple(known), range_of, centre, spread)


def _law(row: dict[str, str]) -> tuple[float, float]:
    return (0.0, 1.0) if row["loi"] == FINDING else (float(row["p1"]), float(row["p2"]))


@cache
def shifts() -> tuple[Shift, ...]:
    """Read the states, in the order in which they must be applied: the first row of the table comes last."""
    rows = reversed(table("labo_etats"))
    return tuple(Shift(row["etat"], RANK[row["loinc"]], float(row["p1"]), float(row["p2"])) for row in rows)


@cache
def trends() -> tuple[Floats, Floats]:
    """Give, by test, the deviation at the beginning of a full stay (in spreads) and its decay (in days)."""
    start, days = np.zeros(len(TESTS)), np.ones(len(TESTS))
    for row in table("labo_tendances"):
        start[RANK[row["loinc"]]], days[RANK[row["loinc"]]] = float(row["ecart"]), float(row["jours"])
    return start, days


@cache
def findings(test: int) -> tuple[tuple[str, ...], Floats]:
    """Give the possible findings of a test and their cumulated probabilities."""
    pairs = [pair.rpartition(":") for pair in TESTS[test]["p1"].split(";")]
    shares = np.array([float(share) for _, _, share in pairs])
    return tuple(finding for finding, _, _ in pairs), np.cumsum(shares) / shares.sum()


@cache
def for_adults_only() -> Flags:
    """Tell which tests are for adults: the CKD-EPI estimate of filtration."""
    return np.array([row["loinc"] == "62238-1" for row in TESTS])

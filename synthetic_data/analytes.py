"""What the laboratory measures, and what is usual for a person of a given sex, age and state.

Tables: laboratoire, labo_references (by sex and age), labo_etats (by disease or diagnosis).
"""

from dataclasses import dataclass
from functools import cache
from math import exp, log
from random import Random

from synthetic_data.chance import Urn
from synthetic_data.tables import admits, number, table

Row = dict[str, str]
# Shares of the spread that belong to the person and to the day: a patient's results stay close together.
OWN, DAY = 0.8, 0.6


@dataclass(frozen=True, slots=True)
class Analyte:
    """One laboratory test. `law`: N normal, LN log-normal, C categories; `rank` is its place in the table."""

    rank: int
    loinc: str
    label: str
    unit: str
    ucum: str
    law: str
    decimals: int
    ceiling: float | None


@dataclass(frozen=True, slots=True)
class Usual:
    """Reference range, and centre and spread (p1 and p2 of laboratoire.csv), for one kind of person."""

    low: float | None
    high: float | None
    centre: float
    spread: float


@cache
def analytes() -> dict[str, Analyte]:
    """Give the tests by LOINC code."""
    return {row["loinc"]: _analyte(rank, row) for rank, row in enumerate(table("laboratoire"))}


def _analyte(rank: int, row: Row) -> Analyte:
    saturation = row["ucum"] == "%" and row["ref_haute"] == "100"
    return Analyte(
        rank,
        row["loinc"],
        row["libelle"],
        row["unite"],
        row["ucum"],
        row["loi"],
        int(row["decimales"]),
        100.0 if saturation else None,
    )


@cache
def _rows(name: str) -> dict[str, list[Row]]:
    """Group a table by LOINC code, in table order."""
    grouped: dict[str, list[Row]] = {}
    for row in table(name):
        grouped.setdefault(row["loinc"], []).append(row)
    return grouped


@cache
def usual(loinc: str, sex: str, age: int, words: frozenset[str]) -> Usual:
    """Give what is usual: the range by sex and age, the distribution by state when one applies.

    `words`: state names and CIM-10 codes of the person and of the episode.
    """
    base = _rows("laboratoire")[loinc][0]
    person = next((row for row in _rows("labo_references").get(loinc, []) if admits(row, sex, age)), None)
    state = next((row for row in _rows("labo_etats").get(loinc, []) if row["etat"] in words), None)
    law = next(row for row in (state, person, base) if row and row["p1"])
    bounds = person or base
    return Usual(number(bounds["ref_basse"]), number(bounds["ref_haute"]), float(law["p1"]), float(law["p2"]))


def measure(rng: Random, analyte: Analyte, expected: Usual, own: float) -> float:
    """Draw a value; `own` is the person's standing deviation for this test (standard normal)."""
    deviation = OWN * own + DAY * rng.gauss(0, 1)
    if analyte.law == "LN":
        return expected.centre * exp(deviation * log(expected.spread))
    return expected.centre + deviation * expected.spread


def rounded(analyte: Analyte, value: float) -> float | int:
    """Round as the laboratory prints: at least the smallest value printed, a saturation at most 100 %."""
    if analyte.ceiling is not None:
        value = min(value, analyte.ceiling)
    smallest = 10.0**-analyte.decimals
    kept = round(max(value, smallest), analyte.decimals)
    return int(kept) if analyte.decimals == 0 else kept


@cache
def categories(loinc: str) -> Urn[tuple[str, float]]:
    """Give the possible findings of a test whose law is C, with their probabilities."""
    pairs = (pair.rpartition(":") for pair in _rows("laboratoire")[loinc][0]["p1"].split(";"))
    return Urn.of([(finding, float(share)) for finding, _, share in pairs], lambda pair: pair[1])

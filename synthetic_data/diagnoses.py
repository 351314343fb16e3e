"""Why people come: the CIM-10 diagnosis of a stay or consultation, the motive of an emergency visit."""

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TypeVar

from synthetic_data.chance import Urn
from synthetic_data.health import Health
from synthetic_data.tables import admits, table

Row = dict[str, str]
Item = TypeVar("Item")
NEWBORN = "naissance"
_CHRONIC = {row["cim10"]: float(row["affinite"]) for row in table("maladies")}
# Deliveries happen once in the year of a person.
_ONCE = ("O60", "O80", "O82")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A CIM-10 code; `needs` is the state a person must be in to receive it, empty for anybody.

    `day_share`: planned stays for it without a night (0 to 1); `nights`: median length of the others.
    """

    code: str
    label: str
    needs: str
    day_share: float
    nights: int


@dataclass(frozen=True, slots=True)
class Motive:
    """Why a person came to the emergency department, the triage level (1 to 5) and the diagnosis made."""

    code: str
    label: str
    triage: int
    diagnosis: Diagnosis


@cache
def diagnosis(code: str) -> Diagnosis:
    """Look a CIM-10 code up; StopIteration when a table names a code that cim10.csv does not have."""
    row = next(row for row in table("cim10") if row["code"] == code)
    return Diagnosis(row["code"], row["libelle"], row["exige"], float(row["part_jour"]), int(row["nuits"]))


@cache
def _candidates(column: str, sex: str, age: int) -> tuple[tuple[Diagnosis, float], ...]:
    return tuple(
        (diagnosis(row["code"]), float(row[column]))
        for row in table("cim10")
        if admits(row, sex, age) and float(row[column])
    )


@cache
def _motives(sex: str, age: int) -> tuple[tuple[Motive, float], ...]:
    return tuple(
        (Motive(row["code"], row["motif"], int(row["tri"]), diagnosis(row["cim10"])), float(row["poids"]))
        for row in table("motifs_urgences")
        if admits(row, sex, age) and admits(_cim10_row(row["cim10"]), sex, age)
    )


@cache
def _cim10_row(code: str) -> Row:
    return next(row for row in table("cim10") if row["code"] == code)


def _affinity(found: Diagnosis, health: Health, taken: frozenset[str]) -> float:
    """Weigh a diagnosis by the hidden state: 0 when impossible, above 1 for the diseases the person has."""
    if found.code in _CHRONIC:
        return 8 * _CHRONIC[found.code] if found.code in health.words else 0.0
    if found.needs:
        return 6.0 if found.needs in health.words else 0.0
    return 0.0 if found.code.startswith(_ONCE) and any(code.startswith(_ONCE) for code in taken) else 1.0


def draw_diagnosis(
    rng: Random, kind: str, sex: str, age: int, health: Health, taken: frozenset[str]
) -> Diagnosis:
    """Draw the diagnosis of a `sejour` or a `consultation`, given the codes already `taken` this year."""
    weighted = [
        (found, weight * _affinity(found, health, taken))
        for found, weight in _candidates(f"poids_{kind}", sex, age)
    ]
    return _draw(rng, weighted)


def draw_birth(rng: Random) -> Diagnosis:
    """Draw the diagnosis of the stay in which a baby is born."""
    weighted = [
        (diagnosis(row["code"]), float(row["poids_sejour"]))
        for row in table("cim10")
        if row["exige"] == NEWBORN
    ]
    return _draw(rng, weighted)


def draw_motive(rng: Random, sex: str, age: int, health: Health) -> Motive:
    """Draw why a person comes to the emergency department."""
    weighted = [
        (motive, weight)
        for motive, weight in _motives(sex, age)
        if _affinity(motive.diagnosis, health, frozenset())
    ]
    return _draw(rng, weighted)


def _draw(rng: Random, weighted: list[tuple[Item, float]]) -> Item:
    return Urn.of(weighted, lambda pair: pair[1]).draw(rng)[0]

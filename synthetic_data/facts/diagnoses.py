"""What people come for: the diagnoses and emergency motives as columns, and who may have which."""

from functools import cache

import numpy as np

from synthetic_data.facts.chance import Floats
from synthetic_data.facts.clock import age_at
from synthetic_data.facts.health import STATES, admitted
from synthetic_data.facts.people import People
from synthetic_data.tables import table
from synthetic_data.templating.columns import Flags, Ints

CODES = tuple(row["code"] for row in table("cim10"))
RANK = {code: rank for rank, code in enumerate(CODES)}
LABELS = tuple(row["libelle"] for row in table("cim10"))
MOTIVES = table("motifs_urgences")
MOTIVE_DIAGNOSIS = np.array([RANK[row["cim10"]] for row in MOTIVES])
DELIVERIES = ("O60", "O80", "O82")
SESSIONS = ("Z49", "Z51.0", "Z51.1")
BIRTH = "naissance"
_CHRONIC = {row["cim10"]: float(row["affinite"]) for row in table("maladies")}


@cache
def weights(column: str) -> Floats:
    """Give the weights of the diagnoses for `sejour` or `consultation`; births have their own law."""
    return np.array(
        [
            0.0
            if column == "sejour" and (row["exige"] == BIRTH or row["code"].startswith(DELIVERIES))
            else float(row[f"poids_{column}"])
            for row in table("cim10")
        ]
    )


def starting_with(*prefixes: str) -> Flags:
    """Tell which diagnoses have a code that starts with one of these."""
    return np.array([code.startswith(prefixes) for code in CODES])


def affinity(people: People) -> Floats:
    """Rate who may receive each diagnosis, shape (diagnoses, people): 0 impossible, 1 anybody, more if ill.

    Age limits hold over the whole year, whenever the episode falls.
    """
    youngest, oldest = _ages(people)
    rated = np.empty((len(CODES), len(people)))
    for rank, row in enumerate(table("cim10")):
        rated[rank] = admitted(row, people.sex, youngest, oldest) * _by_state(people, row)
    return rated


def motive_affinity(people: People, by_diagnosis: Floats) -> Floats:
    """Rate who may come for each emergency motive, shape (motives, people)."""
    youngest, oldest = _ages(people)
    allowed = np.array([admitted(row, people.sex, youngest, oldest) for row in MOTIVES])
    return allowed * (by_diagnosis[MOTIVE_DIAGNOSIS] > 0)


def _ages(people: People) -> tuple[Ints, Ints]:
    return age_at(people.birth, people.seen_from), age_at(people.birth, people.seen_until)


def _by_state(people: People, row: dict[str, str]) -> Floats:
    if row["code"] in _CHRONIC:
        return 8 * _CHRONIC[row["code"]] * people.health.having(row["code"])
    if row["exige"] == BIRTH:
        return people.newborn.astype(float)
    if row["exige"] in STATES:
        return 6.0 * people.health.state(row["exige"])
    return np.ones(len(people))

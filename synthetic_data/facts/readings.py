"""What surrounds each imaging examination: its order, who reads it, when, and what is concluded."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.chance import Floats, dice
from synthetic_data.facts.clock import HOUR
from synthetic_data.facts.diagnoses import CODES
from synthetic_data.facts.episodes import CONSULTATION, Episodes
from synthetic_data.facts.people import People
from synthetic_data.facts.staff import in_charge
from synthetic_data.facts.studies import ACTS, MODALITIES, Studies
from synthetic_data.facts.units import UNITS
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import table
from synthetic_data.templating.columns import Ints

CONCLUSIONS = table("imagerie_conclusions")
_NUCLEAR_MEDICINE = "SM28"
_PET = MODALITIES.index("PT")


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """One row for each examination, in the same order.

    `ordered`, `issued`: minutes since 1970; `department`: rank in `UNITS`; `reader`: number of the doctor;
    `conclusion`: rank in imagerie_conclusions.csv.
    """

    ordered: Ints
    issued: Ints
    department: Ints
    reader: Ints
    conclusion: Ints


def draw_readings(
    plan: HospitalPlan, block: int, people: People, episodes: Episodes, studies: Studies
) -> Readings:
    """Draw the readings of a block."""
    rng = dice(plan.seed, "readings", block)
    count, episode = len(studies), studies.episode
    ordered = np.maximum(episodes.start[episode], studies.started - rng.integers(10, 6 * HOUR, count))
    # What is seen in consultation can wait for the next day.
    slow = episodes.kind[episode] == CONSULTATION
    delay = np.where(slow, rng.integers(HOUR, 30 * HOUR, count), rng.integers(20, 4 * HOUR, count))
    known_until = np.minimum(people.death[episodes.person[episode]], plan.now_minute)
    department = _departments()[studies.modality]
    abnormal, normal, share = _conclusions()
    diagnosis = episodes.diagnosis[episode]
    seen = rng.random(count) < share[studies.act, diagnosis]
    return Readings(
        ordered=ordered,
        issued=np.maximum(studies.started, np.minimum(studies.started + delay, known_until)),
        department=department,
        reader=in_charge(rng, plan.patients, department, studies.started),
        conclusion=np.where(seen, abnormal[studies.act, diagnosis], normal[studies.act]),
    )


@cache
def _departments() -> Ints:
    """Give the unit that makes the examinations of each modality."""
    nuclear = {unit["specialite"] == _NUCLEAR_MEDICINE: rank for rank, unit in enumerate(UNITS)
               if unit["usage"] == "imagerie"}  # fmt: skip
    return np.array([nuclear[rank == _PET] for rank in range(len(MODALITIES))])


@cache
def _conclusions() -> tuple[Ints, Ints, Floats]:
    """Give the abnormal conclusion of acts by diagnosis, the normal one of acts, the abnormal share."""
    abnormal = np.zeros((len(ACTS), len(CODES)), np.int64)
    share = np.zeros((len(ACTS), len(CODES)))
    normal = np.zeros(len(ACTS), np.int64)
    for act, made in enumerate(ACTS):
        rows = [(rank, row) for rank, row in enumerate(CONCLUSIONS) if row["regions"] == made["region"]]
        normal[act] = next(rank for rank, row in rows if not row["cim10"])
        for diagnosis, code in enumerate(CODES):
            for rank, row in rows:
                if row["cim10"] and code.startswith(tuple(row["cim10"].split())):
                    abnormal[act, diagnosis], share[act, diagnosis] = rank, float(row["part"])
                    break
    return abnormal, normal, share

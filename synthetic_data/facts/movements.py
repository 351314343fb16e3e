"""The movements of stays with nights: from one bed to another, by intensive care for the most severe.

Beds are drawn by each block on its own, hence two people may hold the same bed at the same time.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.beds import by_unit
from synthetic_data.facts.chance import Dice, Floats, dice
from synthetic_data.facts.clock import DAY, HOUR, age_at
from synthetic_data.facts.diagnoses import CODES
from synthetic_data.facts.episodes import STAY, Episodes
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.people import People
from synthetic_data.facts.units import RANK, UNITS
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import ADULT, table
from synthetic_data.templating.columns import Flags, Ints

INTENSIVE = next(
    rank
    for rank, unit in enumerate(UNITS)
    if unit["specialite"] == "SM46" and unit["usage"] == "hospitalisation"
)
_SHORTEST_CUT = 10 * HOUR  # shorter stays are spent in one bed
_NEVER_LEAVES = 0.25  # of the stays of the intensive care unit
_CHANGES = ((3, 0.3), (9, 0.4))  # nights from which a change of bed is likely, and how much


@dataclass(frozen=True, slots=True, eq=False)
class Movements:
    """One row for each movement that has begun, by stay then time.

    `stay`: row of the encounter; `unit`: rank in `UNITS`; `bed`: rank in `beds`; `start`, `end`: minutes
    since 1970, contiguous, from the start of the stay to its end.
    """

    stay: Ints
    unit: Ints
    bed: Ints
    start: Ints
    end: Ints

    def __len__(self) -> int:
        """Give the number of movements."""
        return len(self.stay)


@cache
def _passages() -> tuple[Floats, Ints, Ints, Ints]:
    """Give, by diagnosis: share of passages in intensive care, fewest and most minutes there, next unit."""
    share, next_unit = np.zeros(len(CODES)), np.full(len(CODES), NONE)
    least, most = np.zeros(len(CODES), np.int64), np.ones(len(CODES), np.int64)
    for row in table("reanimation"):
        for rank, code in enumerate(CODES):
            if code.startswith(row["cim10"]):
                share[rank] = float(row["part"])
                least[rank], most[rank] = int(row["heures_min"]) * HOUR, int(row["heures_max"]) * HOUR
                next_unit[rank] = RANK[row["aval"]] if row["aval"] else NONE
    return share, least, most, next_unit


def draw_movements(plan: HospitalPlan, block: int, people: People, episodes: Episodes) -> Movements:
    """Draw the movements of a block."""
    rng = dice(plan.seed, "movements", block)
    stays = np.flatnonzero((episodes.kind == STAY) & (episodes.nights > 0))
    begin, end = episodes.start[stays], episodes.end[stays]
    passes, leaves, left = _intensive(rng, people, episodes, stays)
    own = episodes.unit[stays]
    next_unit = _passages()[3][episodes.diagnosis[stays]]
    ward = np.where((own == INTENSIVE) & (next_unit != NONE), next_unit, own)
    settled = np.where(passes, left, begin)
    parts = [(np.arange(len(stays)), np.where(passes, INTENSIVE, ward), begin)]
    moved = np.flatnonzero(passes & leaves)
    parts.append((moved, ward[moved], left[moved]))
    # Changes of bed inside the ward: the first before the middle of what is left, the second after it.
    moves = np.ones(len(stays), bool)
    for rank, (nights, share) in enumerate(_CHANGES):
        moves &= ((end - settled) > nights * DAY) & (leaves | ~passes) & (rng.random(len(stays)) < share)
        when = settled + (
            (end - settled) * rng.uniform(0.1 + 0.45 * rank, 0.45 + 0.45 * rank, len(stays))
        ).astype(int)
        rows = np.flatnonzero(moves)
        parts.append((rows, ward[rows], when[rows]))
    row, unit, start = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((start, row))
    row, unit, start = row[order], unit[order], start[order]
    last = np.append(row[1:] != row[:-1], True) if len(row) else np.empty(0, bool)
    stop = np.where(last, end[row], np.append(start[1:], 0)[: len(row)])
    bed = _beds(rng, plan.patients, row, unit)
    begun = start <= plan.now_minute
    return Movements(*(column[begun] for column in (stays[row], unit, bed, start, stop)))


def _intensive(rng: Dice, people: People, episodes: Episodes, stays: Ints) -> tuple[Flags, Flags, Ints]:
    """Tell which stays begin in intensive care, which of them leave it, and when."""
    share, least, most, _ = _passages()
    diagnosis, person = episodes.diagnosis[stays], episodes.person[stays]
    begin, length = episodes.start[stays], episodes.end[stays] - episodes.start[stays]
    own = episodes.unit[stays] == INTENSIVE
    adult = age_at(people.birth[person], begin) >= ADULT
    chosen = adult & (length > _SHORTEST_CUT) & (rng.random(len(stays)) < share[diagnosis])
    wanted = least[diagnosis] + rng.random(len(stays)) * (most[diagnosis] - least[diagnosis])
    lasted = np.minimum(wanted, 0.7 * length).astype(np.int64)
    stuck = own & ((rng.random(len(stays)) < _NEVER_LEAVES) | episodes.dies[stays])
    return own | chosen, ~stuck & (length > _SHORTEST_CUT), begin + lasted


def _beds(rng: Dice, patients: int, row: Ints, unit: Ints) -> Ints:
    """Draw a bed of the unit, another one than that of the movement before when there is one."""
    first, size = by_unit(patients)
    place = (rng.random(len(row)) * size[unit]).astype(np.int64)
    again = np.flatnonzero((row[1:] == row[:-1]) & (unit[1:] == unit[:-1])) + 1
    for rank in again:  # a few hundred: each depends on the one before
        if place[rank] == place[rank - 1]:
            place[rank] = (place[rank] + 1) % size[unit[rank]]
    return first[unit] + place

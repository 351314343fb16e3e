"""Vital signs: at triage, on admission, then once a day; stable in a person, moved by the diagnosis."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.chance import Dice, Floats, dice
from synthetic_data.facts.clock import DAY, HOUR, utc, wall
from synthetic_data.facts.diagnoses import MOTIVES
from synthetic_data.facts.episodes import EMERGENCY_VISIT, STAY, Episodes
from synthetic_data.facts.norms import (
    DIASTOLIC,
    HEIGHT,
    INDEX,
    LIMITS,
    MOMENT,
    OWN,
    PLACES,
    SATURATION,
    SIGNALS,
    SYSTOLIC,
    WEIGHT,
    usual_signs,
)  # fmt: skip
from synthetic_data.facts.people import People
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import table
from synthetic_data.templating.columns import Flags, Ints

DAYS = 3  # of a stay with nights: longer stays add no readings
_READINGS = table("constantes_releves")
_ADMISSION = next(rank for rank, row in enumerate(_READINGS) if row["releve"] == "entree")
_FOLLOWING = next(rank for rank, row in enumerate(_READINGS) if row["releve"] == "jour")
_TOGETHER = 0.6  # how much of the deviation of the diastolic pressure is that of the systolic one
_PULSE = 15  # least difference between the two pressures, mmHg


@dataclass(frozen=True, slots=True, eq=False)
class Vitals:
    """One row for each reading, by episode then time.

    `taken`: minutes since 1970; `scaled`: (readings, signals), values times 10 ** decimals; `measured`: same
    shape, what was measured; both pressures always go together.
    """

    episode: Ints
    taken: Ints
    scaled: Ints
    measured: Flags


def draw_vitals(plan: HospitalPlan, block: int, people: People, episodes: Episodes) -> Vitals:
    """Draw the readings of a block."""
    rng = dice(plan.seed, "vitals", block)
    episode, taken, kind = _moments(rng, plan, episodes)
    measured = rng.random((len(episode), len(SIGNALS))) < _shares()[kind]
    measured[:, DIASTOLIC] = measured[:, SYSTOLIC]
    measured[:, INDEX] = measured[:, WEIGHT] & measured[:, HEIGHT]
    own = own_deviation(plan, block, people)[episodes.person[episode]]
    values = _values(rng, usual_signs(people, episodes, episode, taken), own)
    return Vitals(episode, taken, _printed(values), measured)


def own_deviation(plan: HospitalPlan, block: int, people: People) -> Floats:
    """Give what belongs to each person for good, in shares of the usual value, shape (people, signals)."""
    rng = dice(plan.seed, "standing vitals", block)
    drawn: Floats = np.clip(rng.standard_normal((len(people), len(SIGNALS))), -2.5, 2.5)
    return OWN * drawn


def _moments(rng: Dice, plan: HospitalPlan, episodes: Episodes) -> tuple[Ints, Ints, Ints]:
    """Give the episode, the instant and the kind (row of constantes_releves.csv) of each reading."""
    visits = np.flatnonzero(episodes.kind == EMERGENCY_VISIT)
    triage = np.array([int(row["tri"]) - 1 for row in MOTIVES])[episodes.motive[visits]]
    stays = np.flatnonzero((episodes.kind == STAY) & (episodes.nights > 0))
    parts: list[tuple[Ints, Ints, Ints]] = [
        (visits, episodes.start[visits] + rng.integers(3, 16, len(visits)), triage),
        (stays, episodes.start[stays] + rng.integers(10, 60, len(stays)), np.full(len(stays), _ADMISSION)),
    ]
    midnight = wall(episodes.start[stays]) // DAY * DAY
    for day in range(1, DAYS):
        morning = utc(midnight + day * DAY + rng.integers(7 * HOUR, 10 * HOUR, len(stays)))
        parts.append((stays, morning, np.full(len(stays), _FOLLOWING)))
    episode, taken, kind = (np.concatenate(column) for column in zip(*parts, strict=True))
    inside = (taken <= np.minimum(episodes.end[episode], plan.now_minute)) & (
        taken >= episodes.start[episode]
    )
    order = np.lexsort((taken, episode))
    order = order[inside[order]]
    return episode[order], taken[order], kind[order]


@cache
def _shares() -> Floats:
    """Give how often each signal is measured in each kind of reading, shape (kinds, signals)."""
    names = [row["signal"] for row in SIGNALS]
    column = {"systolique": "pression", "diastolique": "pression", "imc": ""}
    return np.array([[float(row.get(column.get(n, n), 0)) for n in names] for row in _READINGS])


def _values(rng: Dice, expected: Floats, own: Floats) -> Floats:
    moment = MOMENT * rng.standard_normal(expected.shape)
    moment[:, DIASTOLIC] = _TOGETHER * moment[:, SYSTOLIC] + (1 - _TOGETHER) * moment[:, DIASTOLIC]
    values = expected * (1 + own + moment)
    values[:, SYSTOLIC] = np.maximum(values[:, SYSTOLIC], values[:, DIASTOLIC] + _PULSE)
    values[:, HEIGHT] = expected[:, HEIGHT] * (1 + own[:, HEIGHT])
    # The weight follows from the build of the person, hence from the height.
    build = np.maximum(11.0, expected[:, INDEX] * (1 + own[:, WEIGHT] + moment[:, WEIGHT]))
    values[:, WEIGHT] = build * (values[:, HEIGHT] / 100) ** 2
    values = np.clip(values, *LIMITS.T)
    printed = np.rint(values * 10.0**PLACES) / 10.0**PLACES
    values[:, INDEX] = printed[:, WEIGHT] / (printed[:, HEIGHT] / 100) ** 2
    values[:, SATURATION] = np.minimum(values[:, SATURATION], 100)
    return values


def _printed(values: Floats) -> Ints:
    return np.rint(values * 10.0**PLACES).astype(np.int64)

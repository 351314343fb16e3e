"""What vital signs are usual: by age and sex, then moved by the diseases of the person and the diagnosis.

Tables: constantes, constantes_age (between two rows: straight lines), constantes_etats (what a state or a
diagnosis adds, and in how many days it fades).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.chance import Floats
from synthetic_data.facts.clock import DAY
from synthetic_data.facts.diagnoses import starting_with
from synthetic_data.facts.episodes import Episodes
from synthetic_data.facts.health import STATES
from synthetic_data.facts.people import MALE, People
from synthetic_data.tables import table
from synthetic_data.templating.columns import Flags, Ints

SIGNALS = table("constantes")
HEART, BREATH, TEMPERATURE, SATURATION, SYSTOLIC, DIASTOLIC, HEIGHT, WEIGHT, INDEX = range(len(SIGNALS))
PLACES = np.array([int(row["decimales"]) for row in SIGNALS])
OWN = np.array([float(row["propre"]) for row in SIGNALS])
MOMENT = np.array([float(row["moment"]) for row in SIGNALS])
LIMITS = np.array([[float(row["minimum"]), float(row["maximum"])] for row in SIGNALS])
_NAMES = [row["signal"] for row in SIGNALS]
_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Effect:
    """What one state or diagnosis (`word`) adds to one signal; `days` in which it fades, None for good."""

    word: str
    signal: int
    shift: float
    days: float | None


@cache
def effects() -> tuple[Effect, ...]:
    """Read the effects."""
    return tuple(
        Effect(
            row["etat"], _NAMES.index(row["signal"]), float(row["ecart"]), float(row["jours"] or 0) or None
        )
        for row in table("constantes_etats")
    )


def usual_signs(people: People, episodes: Episodes, episode: Ints, when: Ints) -> Floats:
    """Give what is expected at some instants of some encounters, shape (instants, signals)."""
    person = episodes.person[episode]
    age = np.maximum(0, when / DAY - people.birth[person]) / _YEAR
    expected = _by_age(age, people.sex[person] == MALE)
    since = (when - episodes.start[episode]) / DAY
    for effect in effects():
        rows = _concerned(people, episodes, episode, effect.word)
        left = 1.0 if effect.days is None else np.exp(-since[rows] / effect.days)
        expected[rows, effect.signal] += effect.shift * left
    return expected


def _by_age(age: Floats, male: Flags) -> Floats:
    rows = table("constantes_age")
    knots = [float(row["age"]) for row in rows]

    def at(column: str) -> Floats:
        return np.interp(age, knots, [float(row[column]) for row in rows])

    columns = [at(name) for name in _NAMES[:HEIGHT]]
    height, index = (np.where(male, at(f"{name}_m"), at(f"{name}_f")) for name in ("taille", "imc"))
    return np.stack([*columns, height, np.zeros(len(age)), index], axis=1)


def _concerned(people: People, episodes: Episodes, episode: Ints, word: str) -> Ints:
    if word in STATES:
        return np.flatnonzero(people.health.state(word)[episodes.person[episode]])
    return np.flatnonzero(starting_with(word)[episodes.diagnosis[episode]])

"""Who belongs to which cohort: declared once, drawn from the facts of each block."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import DAY
from synthetic_data.facts.diagnoses import starting_with
from synthetic_data.facts.episodes import EMERGENCY_VISIT
from synthetic_data.facts.units import EMERGENCY
from synthetic_data.templating.columns import Flags


@dataclass(frozen=True, slots=True)
class Cohort:
    """`belongs` tells which people of a block are members."""

    name: str
    title: str
    belongs: Callable[[Block], Flags]


def _ill(state: str) -> Callable[[Block], Flags]:
    return lambda block: block.people.health.state(state)


def _diagnosed(*prefixes: str) -> Callable[[Block], Flags]:
    """Give those who had an encounter, or have a long-term disease, with one of these codes."""

    def belongs(block: Block) -> Flags:
        chosen = starting_with(*prefixes)
        found = _people(block, chosen[block.episodes.diagnosis])
        return found | block.people.health.having_any(prefixes)

    return belongs


def _recent(site: int | None = None) -> Callable[[Block], Flags]:
    """Give those seen in an emergency department in the last 24 hours; `site`: the last one they went to."""

    def belongs(block: Block) -> Flags:
        episodes = block.episodes
        visits = (episodes.kind == EMERGENCY_VISIT) & (episodes.start >= block.plan.now_minute - DAY)
        if site is None:
            return _people(block, visits)
        last = np.full(len(block.people), -1)
        last[episodes.person[visits]] = episodes.unit[visits]
        return last == EMERGENCY[site]

    return belongs


def _people(block: Block, episodes: Flags) -> Flags:
    found = np.zeros(len(block.people), bool)
    found[block.episodes.person[episodes]] = True
    return found


COHORTS = (
    Cohort("urgences", "Patients vus aux urgences dans les dernières 24 heures", _recent()),
    Cohort("urgences-purpan", "Patients vus aux urgences de Purpan dans les dernières 24 heures", _recent(0)),
    Cohort(
        "urgences-rangueil", "Patients vus aux urgences de Rangueil dans les dernières 24 heures", _recent(1)
    ),
    Cohort("oncologie", "Patients suivis pour un cancer", _ill("cancer")),
    Cohort("diabete", "Patients diabétiques", _ill("diabete")),
    Cohort(
        "traumatisme-cranien", "Patients vus pour un traumatisme crânien", _diagnosed("S00", "S01", "S06")
    ),
    Cohort("cancer-du-sein", "Patientes suivies pour un cancer du sein", _diagnosed("C50")),
    Cohort(
        "lesions-du-col",
        "Patientes suivies pour une lésion du col de l'utérus",
        _diagnosed("N87", "C53", "D06"),
    ),
    Cohort("reanimation", "Patients passés en réanimation", _diagnosed("J96.0", "A41", "G41")),
)

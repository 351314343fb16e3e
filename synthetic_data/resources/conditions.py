"""Condition resources: long-term diseases, and the diagnosis of each stay and emergency visit."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.diagnoses import CODES, LABELS, RANK
from synthetic_data.facts.episodes import CONSULTATION, EMERGENCY_VISIT
from synthetic_data.facts.hard_journeys import MANY
from synthetic_data.facts.health import DISEASES
from synthetic_data.facts.long_note import long_note
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Ints, Rows


def rows(block: Block) -> Iterator[Rows]:
    """Give the problem lists of the patients, then the diagnoses of their encounters."""
    person, disease = np.nonzero(block.people.health.diseases)
    code = np.array([RANK[row["cim10"]] for row in DISEASES])[disease]
    nothing = np.zeros(len(person), np.int64)
    yield Rows(
        "condition",
        len(person),
        {
            "id": block.ids("cond", np.arange(len(person))),
            "verification": Coded(nothing, ("confirmed",)),
            "category": Coded(nothing, ("problem-list-item",)),
            "code": Coded(code, CODES),
            "label": Coded(code, LABELS),
            "patient": block.patient_ids(person),
            "encounter": Coded(nothing, (None,)),
            "recorded": Coded(nothing, (None,)),
            "practitioner": Coded(nothing, (None,)),
            "note": Coded(_noted(block, person), (None, long_note())),
        },
    )
    episodes = block.episodes
    chosen = np.flatnonzero(episodes.kind != CONSULTATION)
    code = episodes.diagnosis[chosen]
    # A diagnosis stays provisional as long as an emergency visit is in progress.
    undecided = (episodes.kind[chosen] == EMERGENCY_VISIT) & ~episodes.ended[chosen]
    nothing = np.zeros(len(chosen), np.int64)
    yield Rows(
        "condition",
        len(chosen),
        {
            "id": block.ids("cond", np.arange(len(person), len(person) + len(chosen))),
            "verification": Coded(np.where(undecided, 0, 1), ("provisional", "confirmed")),
            "category": Coded(nothing, ("encounter-diagnosis",)),
            "code": Coded(code, CODES),
            "label": Coded(code, LABELS),
            "patient": block.patient_ids(episodes.person[chosen]),
            "encounter": block.ids("enc", chosen),
            "recorded": stamps(episodes.start[chosen]),
            "practitioner": block.practitioner_ids(block.doctors[chosen]),
            "note": Coded(nothing, (None,)),
        },
    )


def _noted(block: Block, person: Ints) -> Ints:
    """Mark the first problem of the one with very many stays, whose note is very long."""
    marked = np.zeros(len(person), np.int64)
    for rank in block.people.cast.of(MANY):
        marked[np.flatnonzero(person == rank)[:1]] = 1
    return marked


KIND = Kind("Condition", order=70, of_block=rows)

"""AllergyIntolerance resources: recorded at the first encounter of the year, when there is one."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.allergies import ALLERGIES
from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Rows, digits

_COLUMNS = {
    "type": "type", "category": "categorie", "criticality": "criticite", "system": "systeme", "code": "code",
    "label": "libelle", "text": "allergie", "manifestation": "manifestation",
}  # fmt: skip


def rows(block: Block) -> Iterator[Rows]:
    """Give the allergies of a block."""
    known, episodes = block.allergies, block.episodes
    first = np.minimum(np.searchsorted(episodes.person, known.person), len(episodes) - 1)
    seen = episodes.person[first] == known.person
    yield Rows(
        "allergy_intolerance",
        len(known),
        {
            "id": block.ids("allergy", np.arange(len(known))),
            "clinical": Coded(known.active.astype(np.int64), ("resolved", "active")),
            "verification": Coded(known.confirmed.astype(np.int64), ("unconfirmed", "confirmed")),
            "patient": block.patient_ids(known.person),
            "recorded": stamps(episodes.start[first], seen),
            "practitioner": digits("prac-", block.doctors[first], 4, seen),
            **{
                name: Coded(known.allergy, [row[column] for row in ALLERGIES])
                for name, column in _COLUMNS.items()
            },
        },
    )


KIND = Kind("AllergyIntolerance", order=72, of_block=rows)

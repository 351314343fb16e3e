"""ServiceRequest resources of the imaging departments: one for each examination."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.diagnoses import CODES, LABELS
from synthetic_data.facts.episodes import EMERGENCY_VISIT
from synthetic_data.facts.studies import ACTS
from synthetic_data.facts.units import UNITS
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Rows


def rows(block: Block) -> Iterator[Rows]:
    """Give the orders of a block."""
    studies, episodes, readings = block.studies, block.episodes, block.readings
    count, episode = len(studies), block.studies.episode
    diagnosis = episodes.diagnosis[episode]
    yield Rows(
        "service_request_imaging",
        count,
        {
            "id": block.ids("imgorder", np.arange(count)),
            "priority": Coded(
                (episodes.kind[episode] == EMERGENCY_VISIT).astype(np.int64), ("routine", "urgent")
            ),
            "act": Coded(studies.act, [act["ccam"] for act in ACTS]),
            "act_label": Coded(studies.act, [act["libelle"] for act in ACTS]),
            "patient": block.patient_ids(episodes.person[episode]),
            "encounter": block.ids("enc", episode),
            "authored": stamps(readings.ordered),
            "practitioner": block.practitioner_ids(block.doctors[episode]),
            "department": Coded(readings.department, [unit["id"] for unit in UNITS]),
            "diagnosis": Coded(diagnosis, CODES),
            "diagnosis_label": Coded(diagnosis, LABELS),
        },
    )


KIND = Kind("ServiceRequest", order=75, family="imaging", of_block=rows)

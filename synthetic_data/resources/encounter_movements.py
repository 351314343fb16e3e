"""Encounter resources of the movements inside stays with nights: one for each bed, `partOf` the stay."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.beds import beds
from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.units import UNITS
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Rows, digits, pick


def rows(block: Block) -> Iterator[Rows]:
    """Give the movements of a block."""
    movements = block.movements
    count = len(movements)
    over = movements.end <= block.plan.now_minute
    state = np.where(over, 0, 1)
    yield Rows(
        "encounter_movement",
        count,
        {
            "id": block.ids("mvt", np.arange(count)),
            "movement_number": digits("5", block.number * 1_000_000 + np.arange(count), 10),
            "status": Coded(state, ("finished", "in-progress")),
            "location_status": Coded(state, ("completed", "active")),
            "patient": block.patient_ids(block.episodes.person[movements.stay]),
            "start": stamps(movements.start),
            "end": stamps(movements.end, over),
            "bed": pick([bed.id for bed in beds(block.plan.patients)], movements.bed),
            "unit": Coded(movements.unit, [unit["id"] for unit in UNITS]),
            "stay": block.ids("enc", movements.stay),
        },
    )


KIND = Kind("Encounter", order=62, family="movements", of_block=rows)

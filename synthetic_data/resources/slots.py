"""Slot resources: the busy slot of each appointment kept, then the free slots of the next days."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.agendas import agenda_id
from synthetic_data.facts.appointments import LENGTHS
from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.units import UNITS
from synthetic_data.resources.kind import Kind
from synthetic_data.resources.specialties import specialties
from synthetic_data.templating.columns import Coded, Ints, Rows


def rows(block: Block) -> Iterator[Rows]:
    """Give the slots of a block; a cancelled appointment holds none."""
    taken = block.appointments
    busy = np.flatnonzero(taken.slot != NONE)
    yield _slots(block, 0, "busy", taken.unit[busy], (taken.start[busy], taken.end[busy]))
    free = taken.free_start
    yield _slots(block, len(busy), "free", taken.free_unit, (free, free + LENGTHS[0]))


def _slots(block: Block, first: int, status: str, unit: Ints, period: tuple[Ints, Ints]) -> Rows:
    return Rows(
        "slot",
        len(unit),
        {
            "id": block.ids("slot", first + np.arange(len(unit))),
            "agenda": Coded(unit, [agenda_id(row) for row in UNITS]),
            "status": Coded(unit, [status] * len(UNITS)),
            "start": stamps(period[0]),
            "end": stamps(period[1]),
            **specialties(unit),
        },
    )


KIND = Kind("Slot", order=54, of_block=rows)

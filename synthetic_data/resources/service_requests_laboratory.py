"""ServiceRequest resources of the laboratory: what was asked for on each sample."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.diagnoses import CODES, LABELS
from synthetic_data.facts.episodes import EMERGENCY_VISIT
from synthetic_data.facts.laboratory_orders import PANELS
from synthetic_data.facts.units import LABORATORY, UNITS
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Flags, Plain, Rows, pick


def rows(block: Block) -> Iterator[Rows]:
    """Give the orders of a block, one for each sample."""
    samples, episodes, orders = block.samples, block.episodes, block.laboratory_orders
    count, episode = len(samples), block.samples.episode
    diagnosis = episodes.diagnosis[episode]
    yield Rows(
        "service_request_laboratory",
        count,
        {
            "id": block.ids("laborder", np.arange(count)),
            "priority": Coded(
                (episodes.kind[episode] == EMERGENCY_VISIT).astype(np.int64), ("routine", "urgent")
            ),
            "panels": _listed(orders.panels),
            "patient": block.patient_ids(episodes.person[episode]),
            "encounter": block.ids("enc", episode),
            "authored": stamps(orders.written),
            "practitioner": block.practitioner_ids(block.doctors[episode]),
            "laboratory": Coded(np.zeros(count, np.int64), (UNITS[LABORATORY]["id"],)),
            "diagnosis": Coded(diagnosis, CODES),
            "diagnosis_label": Coded(diagnosis, LABELS),
        },
    )


def _listed(panels: Flags) -> Plain:
    """Write the names of the panels of each row one after the other."""
    row, panel = np.nonzero(panels)
    starts = np.searchsorted(row, np.arange(len(panels) + 1))
    lists = pa.ListArray.from_arrays(pa.array(starts, pa.int32()), pick(PANELS, panel).array)
    return Plain(pc.binary_join(lists, ", "))


KIND = Kind("ServiceRequest", order=74, family="laboratory", of_block=rows)

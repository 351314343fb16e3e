"""Observation resources of intensive care: an hour of one signal, a point a minute, as SampledData.

The FR Core and HL7 profiles of vital signs take single quantities only: these claim none, and their category
is not vital-signs.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import HOUR, stamps
from synthetic_data.facts.monitoring import OXYGEN, PRESSURE, RATE
from synthetic_data.facts.movements import INTENSIVE
from synthetic_data.facts.units import UNITS
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Flags, Ints, Plain, Rows

_NO_POINT = "E"  # how SampledData writes a point that the sensor did not give
_SIGNALS = {
    RATE: ("8867-4", "Fréquence cardiaque", "battements/min", "/min"),
    PRESSURE: ("8478-0", "Pression artérielle moyenne", "mmHg", "mm[Hg]"),
    OXYGEN: ("59408-5", "Saturation en oxygène (oxymétrie de pouls)", "%", "%"),
}


def rows(block: Block) -> Iterator[Rows]:
    """Give the recordings of a block, hour by hour, the signals of an hour together."""
    recorded, movements = block.monitoring, block.movements
    hour = np.repeat(np.arange(len(recorded)), len(_SIGNALS))
    signal = np.tile(np.arange(len(_SIGNALS)), len(recorded))
    stay = movements.stay[recorded.passage[hour]]
    names = [_SIGNALS[rank] for rank in sorted(_SIGNALS)]
    yield Rows(
        "observation_sampled",
        len(hour),
        {
            "id": block.ids("icu", np.arange(len(hour))),
            "loinc": Coded(signal, [loinc for loinc, _, _, _ in names]),
            "label": Coded(signal, [label for _, label, _, _ in names]),
            "unit_label": Coded(signal, [unit for _, _, unit, _ in names]),
            "ucum": Coded(signal, [ucum for _, _, _, ucum in names]),
            "patient": block.patient_ids(block.episodes.person[stay]),
            "encounter": block.ids("enc", stay),
            "start": stamps(recorded.start[hour]),
            "end": stamps(recorded.start[hour] + HOUR),
            "unit": Coded(np.zeros(len(hour), np.int64), (UNITS[INTENSIVE]["id"],)),
            "data": _written(recorded.points.reshape(-1, HOUR), recorded.lost.reshape(-1, HOUR)),
        },
    )


def _written(points: Ints, lost: Flags) -> Plain:
    """Write the points of each row with a space between."""
    texts = pc.cast(pa.array(points.ravel(), mask=lost.ravel()), pa.string()).fill_null(_NO_POINT)
    starts = pa.array(np.arange(len(points) + 1) * HOUR, pa.int32())
    return Plain(pc.binary_join(pa.ListArray.from_arrays(starts, texts), " "))


KIND = Kind("Observation", order=83, family="icu", of_block=rows)

"""Specimen resources: one for each laboratory sample."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.laboratory_orders import NATURES
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Rows


def rows(block: Block) -> Iterator[Rows]:
    """Give the specimens of a block."""
    samples, orders = block.samples, block.laboratory_orders
    rank, nature = np.arange(len(samples)), orders.nature
    yield Rows(
        "specimen",
        len(samples),
        {
            "id": block.ids("spec", rank),
            "order": block.ids("laborder", rank),
            "nature": Coded(nature, [row["nature"] for row in NATURES]),
            "nature_system": Coded(nature, [row["systeme"] for row in NATURES]),
            "nature_code": Coded(nature, [row["code"] for row in NATURES]),
            "nature_label": Coded(nature, [row["libelle"] for row in NATURES]),
            "patient": block.patient_ids(block.episodes.person[samples.episode]),
            "collected": stamps(samples.taken),
            "received": stamps(orders.received),
        },
    )


KIND = Kind("Specimen", order=76, of_block=rows)

"""MedicationAdministration resources: the first doses given during stays with nights.

No ward nurse is described yet: the doctor in charge stands as the one who verifies, not as the one who gives.
"""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.resources.dosages import dosages, dosing
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Rows


def rows(block: Block) -> Iterator[Rows]:
    """Give the doses of a block."""
    given, made = block.administrations, block.prescriptions
    episode = made.episode[given.prescription]
    yield Rows(
        "medication_administration",
        len(given),
        {
            "id": block.ids("medadm", np.arange(len(given))),
            "patient": block.patient_ids(block.episodes.person[episode]),
            "encounter": block.ids("enc", episode),
            "given": stamps(given.given),
            "practitioner": block.practitioner_ids(block.doctors[episode]),
            "request": block.ids("medreq", given.prescription),
            **dosages(dosing(made.habit, made.venue)[given.prescription]),
        },
    )


KIND = Kind("MedicationAdministration", order=86, of_block=rows)

"""A resource and its encounter are about the same patient."""

from collections.abc import Mapping
from typing import Any

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import Check, found, judged_by_defects
from synthetic_data.verification.hospital import Hospital

NAME = "subjects"


def _gather(block: Block, hospital: Hospital) -> Mapping[str, Any] | None:
    encounters = hospital.encounters_of(block)
    both = encounters >= 0
    if not both.any():
        return None
    own = hospital.patients_of(block)
    wrong = both & (own != hospital.encounters.at("patient", encounters, -1))
    text = block.text("subject.reference")
    defects = found(NAME, block, wrong, "patient of the resource", "the patient of its encounter", text)
    return {"defects": defects, "checked resources": int(both.sum())}


CHECK = Check(NAME, "each resource is about the patient of its encounter", judged_by_defects, _gather)

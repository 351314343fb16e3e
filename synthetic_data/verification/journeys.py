"""The encounters as other checks see them: whose, when, of which class, part of which other one."""

import numpy as np

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.index import Columns, Index
from synthetic_data.verification.keys import Keys
from synthetic_data.verification.people import NEVER

TYPE = "Encounter"
OTHER, STAY, CONSULTATION, EMERGENCY = range(4)
_CLASSES = {b"IMP": STAY, b"SS": STAY, b"AMB": CONSULTATION, b"EMER": EMERGENCY}


def encounter_rows(block: Block, patients: Index) -> tuple[Keys, Columns]:
    """Give the rows of the encounter table.

    `patient`: row of the patient table, -1 when unknown; `start`, `end`: seconds, ABSENT and NEVER when not
    said; `kind`: one of the constants above; `part`: whether it is part of another encounter.
    """
    code = block.text("class.code")
    kind = np.zeros(len(block), np.int8)
    for text, number in _CLASSES.items():
        kind[code == text] = number
    start, end = block.instants("period.start"), block.instants("period.end")
    return block.keys("id"), {
        "patient": patients.rows(block.keys("subject.reference")).astype(np.int32),
        "start": start.seconds,
        "end": np.where(end.valid, end.seconds, NEVER),
        "kind": kind,
        "part": block.keys("partOf.reference").space >= 0,
    }

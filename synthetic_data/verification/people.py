"""The patients as other checks see them: sex, the bounds of the birth date, death."""

import numpy as np

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.index import Columns
from synthetic_data.verification.instants import ABSENT, DAY
from synthetic_data.verification.keys import Ints, Keys

TYPE = "Patient"
MALE, FEMALE = 1, 2
NEVER = np.iinfo(np.int64).max
_YEAR = 4  # characters


def patient_rows(block: Block) -> tuple[Keys, Columns]:
    """Give the rows of the patient table.

    `sex`: MALE, FEMALE or 0; `born_first`, `born_last`: days since 1970 between which the birth lies (they
    differ when only the year is known; ABSENT when nothing is); `death`: seconds, NEVER for the living.
    """
    gender = block.text("gender")
    born, death = block.instants("birthDate"), block.instants("deceasedDateTime")
    first = np.where(born.valid, born.wall // DAY, ABSENT)
    spread = np.where(born.known == _YEAR, 365, np.where(born.known == len("2023-06"), 30, 0))
    return block.keys("id"), {
        "sex": ((gender == b"male") * MALE + (gender == b"female") * FEMALE).astype(np.int8),
        "born_first": first.astype(np.int64),
        "born_last": np.where(born.valid, first + spread, ABSENT),
        "death": np.where(death.valid, death.seconds, NEVER),
    }


def completed_years(born: Ints, day: Ints) -> Ints:
    """Give ages in completed years, from days since 1970."""
    birth, now = born.astype("datetime64[D]"), day.astype("datetime64[D]")
    birth_month, month = birth.astype("datetime64[M]"), now.astype("datetime64[M]")
    months = (month - birth_month).astype(np.int64)
    early = (now - month).astype(np.int64) < (birth - birth_month).astype(np.int64)
    return (months - early) // 12

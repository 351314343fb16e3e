"""Age and sex of the patients: residents of each age band, weighted by their use of the hospital."""

import numpy as np

from synthetic_data.tables import table
from synthetic_data.verification.blocks import Block
from synthetic_data.verification.distances import Floats
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.instants import DAY
from synthetic_data.verification.people import FEMALE, completed_years, patient_rows
from synthetic_data.verification.target import Target

_ROWS = table("population")
_YOUNGEST = np.array([int(row["age_min"]) for row in _ROWS])
_FULL_DATE = len("2023-06-15")


def _observe(block: Block, hospital: Hospital) -> Floats:
    """Count men then women by band, at the present; birth dates known by their year alone are left out."""
    _, columns = patient_rows(block)
    born, sex = block.instants("birthDate"), columns["sex"].astype(np.int64)
    told = born.valid & (born.known == _FULL_DATE) & (sex > 0)
    age = completed_years(born.wall[told] // DAY, np.full(int(told.sum()), hospital.today))
    band = np.clip(np.searchsorted(_YOUNGEST, age, side="right") - 1, 0, len(_ROWS) - 1)
    place = band + len(_ROWS) * (sex[told] == FEMALE)
    return np.bincount(place, minlength=2 * len(_ROWS)).astype(np.float64)


def _law(_hospital: Hospital) -> Floats:
    return np.array([int(row[sex]) * float(row["recours"]) for sex in ("hommes", "femmes") for row in _ROWS])


_LABELS = [f"{sex} {row['age_min']}-{row['age_max']}" for sex in ("men", "women") for row in _ROWS]


def _by_age(counts: Floats) -> Floats:
    return counts.reshape(2, -1).sum(axis=0)


TARGETS = (
    Target("age and sex of the patients", "Patient", _LABELS, _observe, _law),
    Target(
        "age of the patients",
        "Patient",
        [f"{row['age_min']}-{row['age_max']}" for row in _ROWS],
        lambda block, hospital: _by_age(_observe(block, hospital)),
        lambda hospital: _by_age(_law(hospital)),
        ordered=True,
    ),
)

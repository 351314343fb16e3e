"""Draw artificial patients from a fitted copula, none of them equal to a patient it was fitted on."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.arrays import Floats
from synthetic_data.augmentation.model.calibration import Calibrated, absent, calibrated
from synthetic_data.augmentation.model.copula import Copula
from synthetic_data.augmentation.streams import stream
from synthetic_data.augmentation.table import Table

_BLOCK = 50_000  # rows drawn at once, so that memory does not grow with what is asked
_ROUNDS = 20
_KEPT = 0.95  # correlation of a moved row with what it was


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Artificial patients, and how many coincided with a patient by chance and were moved."""

    table: Table
    redrawn: int


def draw(copula: Copula, rows: int, learned: Table, seed: int, purpose: str) -> Drawn:
    """Draw `rows` patients; those equal to a row of `learned` are moved a little, up to 20 times.

    Moved in the latent space, by a step that keeps its law, rather than drawn anew: rows with many missing
    cells coincide more often than others, and would be lost. Copies that remain (a table with too few
    distinct rows) are left in and counted by the report.
    """
    ready, known = calibrated(copula), learned.row_keys()
    columns = tuple(law.column for law in copula.laws)
    rng, again = stream(seed, f"draw/{purpose}"), stream(seed, f"draw again/{purpose}")
    blocks, redrawn = [], 0
    for at in range(0, rows, _BLOCK):
        z = _latent(ready, min(_BLOCK, rows - at), rng)
        cells = _cells(ready, z)
        for _ in range(_ROUNDS):
            copies = np.flatnonzero(np.isin(Table(columns, cells).row_keys(), known))
            if len(copies) == 0:
                break
            redrawn += len(copies)
            z[copies] = _KEPT * z[copies] + np.sqrt(1 - _KEPT**2) * _latent(ready, len(copies), again)
            cells[copies] = _cells(ready, z[copies])
        blocks.append(cells)
    return Drawn(Table(columns, np.vstack(blocks)), redrawn)


def _latent(ready: Calibrated, rows: int, rng: np.random.Generator) -> Floats:
    return np.asarray(rng.standard_normal((rows, len(ready.factor))) @ ready.factor.T)


def _cells(ready: Calibrated, z: Floats) -> Floats:
    u = ready.uniform(z)
    cells = np.empty((len(z), len(ready.copula.laws)))
    for at, law in enumerate(ready.copula.laws):
        cells[:, at] = law.law.draw(u[:, law.value_at : law.value_at + law.law.width])
        cells[absent(law, u), at] = np.nan
    return cells

"""Read latent normals as uniform numbers among those whom a question concerns.

The law of a value is that of the patients in whom it is known, and the second question of a category is only
asked to those who answered no to the first. Both depend on other latent dimensions: among those concerned, a
latent normal is not standard any more. A large draw says what it is.
"""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.arrays import Flags, Floats
from synthetic_data.augmentation.model import normal
from synthetic_data.augmentation.model.copula import ColumnLaw, Copula
from synthetic_data.augmentation.streams import stream

_DRAWS = 40_000
_FEWEST = 100


@dataclass(frozen=True, slots=True, eq=False)
class Calibrated:
    """A model ready to draw: its Cholesky `factor` (d, d), and the latent values of those concerned.

    `concerned` has sorted values by dimension; None stands for everybody, the normal law itself.
    """

    copula: Copula
    factor: Floats
    concerned: tuple[Floats | None, ...]

    def uniform(self, z: Floats) -> Floats:
        """Turn latent normals (n, d) into numbers between 0 and 1, uniform among those concerned."""
        u = normal.cdf(z)
        for at, values in enumerate(self.concerned):
            if values is not None:
                u[:, at] = _rank(z[:, at], values)
        return u


def calibrated(copula: Copula) -> Calibrated:
    """Draw once, and keep for each question the latent values of those it concerns."""
    factor: Floats = np.asarray(np.linalg.cholesky(copula.correlation), dtype=np.float64)
    z = stream(0, "calibration").standard_normal((_DRAWS, len(factor))) @ factor.T
    u = normal.cdf(z)
    concerned: list[Floats | None] = [None] * len(factor)
    for law in copula.laws:
        known = absent(law, u) == 0
        for question in range(law.law.width):
            at = law.value_at + question
            part = slice(law.value_at, law.value_at + law.law.width)
            asked = known & ~np.isnan(law.law.latent(law.law.draw(u[:, part]))[:, question])
            if _FEWEST <= asked.sum() < _DRAWS:
                values = np.sort(z[asked, at])
                concerned[at] = values
                u[:, at] = _rank(z[:, at], values)
    return Calibrated(copula, factor, tuple(concerned))


def absent(law: ColumnLaw, u: Floats) -> Flags:
    """Say in which rows of uniform numbers (n, d) the column is missing."""
    if law.missing_at is None:
        return np.zeros(len(u), dtype=bool)
    return np.asarray(u[:, law.missing_at] > 1 - law.missing)


def _rank(z: Floats, values: Floats) -> Floats:
    return np.asarray(np.interp(z, values, (np.arange(len(values)) + 0.5) / len(values)))

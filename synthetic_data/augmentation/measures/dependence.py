"""Compare how columns depend on one another in two tables."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.arrays import Floats
from synthetic_data.augmentation.measures.encoding import Encoding


@dataclass(frozen=True, slots=True)
class CorrelationError:
    """Absolute differences between two correlation matrices, over pairs of different columns."""

    mean: float
    largest: float


def correlation_error(encoding: Encoding, rows: Floats, reference: Floats) -> CorrelationError:
    """Compare the correlations of encoded rows (n, d) and (m, d), 0 for a constant coordinate."""
    used = np.flatnonzero(encoding.modelled)
    owner = encoding.owner[used]
    first, second = np.triu_indices(len(used), k=1)
    apart = owner[first] != owner[second]
    first, second = first[apart], second[apart]
    difference = np.abs(_correlations(rows[:, used]) - _correlations(reference[:, used]))[first, second]
    if len(difference) == 0:
        return CorrelationError(0.0, 0.0)
    return CorrelationError(float(difference.mean()), float(difference.max()))


def _correlations(rows: Floats) -> Floats:
    centred = rows - rows.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=0))
    scaled = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-9)  # noqa: PLR2004
    return np.asarray(scaled.T @ scaled)

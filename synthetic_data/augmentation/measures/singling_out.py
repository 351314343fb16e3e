"""Attack by singling out: descriptions unique among released rows, tried on patients."""

import numpy as np

from synthetic_data.augmentation.arrays import Flags, Floats
from synthetic_data.augmentation.measures.risk import excess_risk
from synthetic_data.augmentation.measures.trial import Trial

_ATTEMPTS = 1500
_WIDTH = 4  # characteristics in a description


def singling_out_risk(trial: Trial, rng: np.random.Generator) -> float:
    """Give the excess share of descriptions that fit exactly one member rather than exactly one outsider.

    A description bears on 4 columns of a released row: equal level, or a number at least (at most) this
    extreme. It is tried when it is unique among as many released rows as there are members.
    """
    sample = trial.released.cells[: len(trial.members)]
    numeric = np.array([column.is_numeric for column in trial.released.columns])
    width = min(_WIDTH, len(numeric))
    columns = np.argsort(rng.random((_ATTEMPTS, len(numeric))), axis=1)[:, :width]
    model = rng.integers(len(sample), size=_ATTEMPTS)
    with np.errstate(invalid="ignore"):
        middle = np.array(
            [np.median(cells[~np.isnan(cells)]) if (~np.isnan(cells)).any() else 0.0 for cells in sample.T]
        )

        def fits(people: Floats) -> Flags:
            """Say which descriptions fit exactly one of these people."""
            fit = np.ones((_ATTEMPTS, len(people)), dtype=bool)
            for at in range(width):
                column = columns[:, at]
                value = sample[model, column][:, None]
                cells = people[:, column].T
                same = (cells == value) | (np.isnan(cells) & np.isnan(value))
                beyond = np.where(value > middle[column][:, None], cells >= value, cells <= value)
                fit &= same | (numeric[column][:, None] & beyond)
            return np.asarray(fit.sum(axis=1) == 1)

        tried = fits(sample)
        if not tried.any():
            return 0.0
        return excess_risk(
            float(fits(trial.members.cells)[tried].mean()), float(fits(trial.outsiders.cells)[tried].mean())
        )

"""Attack by inference: guess a characteristic from the released row that resembles in the others."""

import numpy as np

from synthetic_data.augmentation.arrays import Flags, Floats
from synthetic_data.augmentation.measures.trial import Trial

_CLOSE = 0.1  # a number is guessed within this many normal scores
_MOST_ROWS = 5000


def inference_risks(trial: Trial) -> Floats:
    """Give for each column (columns,) how much better it is guessed for members than for outsiders.

    Differences of success rates, not divided by the failures of outsiders: on a column that everybody guesses
    the division would magnify chance. The attacker knows every other column and reads the nearest of at most
    5,000 released rows.
    """
    released = trial.released_points[:_MOST_ROWS]
    people = np.vstack([trial.member_points, trial.outsider_points])
    members = len(trial.member_points)
    # Distances in single precision: the attacker's guess does not change, its cost halves.
    small, rows = people.astype(np.float32), released.astype(np.float32)
    whole = (rows**2).sum(axis=1) - 2 * small @ rows.T
    risks = []
    for at in range(len(trial.members.columns)):
        secret = trial.encoding.owner == at
        part = (rows[:, secret] ** 2).sum(axis=1) - 2 * small[:, secret] @ rows[:, secret].T
        guess = released[(whole - part).argmin(axis=1)][:, secret]
        right: Flags = (np.abs(guess - people[:, secret]) < _CLOSE).all(axis=1)
        risks.append(right[:members].mean() - right[members:].mean())
    return np.array(risks)

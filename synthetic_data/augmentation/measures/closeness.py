"""Measure how close released rows come to the patients they were made from."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.measures.distances import nearest
from synthetic_data.augmentation.measures.trial import Trial

_TAIL = 0.05
_ONE_SIDED_95 = 1.645


@dataclass(frozen=True, slots=True)
class Closeness:
    """Distances of released rows to patients.

    `dcr` is the 5th percentile of the distance to the closest record, in coordinates of the encoding; `nndr`
    that of its ratio to the second closest (0 on a patient, 1 in no one's neighbourhood); `share` how many
    rows are closer to a member than to any outsider (0.5 without a leak). `dcr_low` and `nndr_low` are the
    lower 95 % confidence bounds of the two percentiles, which matter when there are few rows.
    """

    copies: int
    dcr: float
    nndr: float
    dcr_low: float
    nndr_low: float
    share: float


def closeness(trial: Trial) -> Closeness:
    """Measure one release."""
    near = nearest(trial.released_points, trial.encoding.encode(trial.near), count=2)
    first, second = near.distances.T
    ratio = np.divide(first, second, out=np.zeros_like(first), where=second > 0)
    to_member = first
    if trial.near is not trial.members:
        to_member = nearest(trial.released_points, trial.member_points).distances[:, 0]
    to_outsider = nearest(trial.released_points, trial.outsider_points).distances[:, 0]
    low = max(0.0, _TAIL - _ONE_SIDED_95 * np.sqrt(_TAIL * (1 - _TAIL) / len(first)))
    return Closeness(
        copies=exact_copies(trial),
        dcr=float(np.quantile(first, _TAIL)),
        nndr=float(np.quantile(ratio, _TAIL)),
        dcr_low=float(np.quantile(first, low)),
        nndr_low=float(np.quantile(ratio, low)),
        share=float((to_member < to_outsider).mean() + (to_member == to_outsider).mean() / 2),
    )


def exact_copies(trial: Trial) -> int:
    """Count the released rows whose every cell is that of one same patient."""
    return int(np.isin(trial.released.row_keys(), trial.near.row_keys()).sum())

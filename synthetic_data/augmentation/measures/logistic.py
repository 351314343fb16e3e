"""Fit a ridge logistic regression by Newton steps."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.arrays import Floats

_STEPS = 8
_SETTLED = 1e-4
_FARTHEST = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """A fitted model: `centre` and `scale` (d,) of predictors, `weights` (d + 1,), constant first."""

    centre: Floats
    scale: Floats
    weights: Floats

    def score(self, x: Floats) -> Floats:
        """Give the log-odds of each row of x (n, d)."""
        return np.asarray(self.weights[0] + ((x - self.centre) / self.scale) @ self.weights[1:])


def fit_logistic(x: Floats, y: Floats, ridge: float) -> Logistic:
    """Fit y (n,) of 0 and 1 on x (n, d), classes balanced; `ridge` penalises standardised weights."""
    centre, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 1e-9, scale, 1.0)  # noqa: PLR2004
    design = np.column_stack([np.ones(len(x)), (x - centre) / scale])
    share = y.mean()
    balance = np.where(y == 1, 0.5 / max(share, 1e-9), 0.5 / max(1 - share, 1e-9))
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 1e-6
    weights = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        odds = np.clip(design @ weights, -_FARTHEST, _FARTHEST)
        p = 1 / (1 + np.exp(-odds))
        slope = design.T @ (balance * (y - p)) - penalty * weights
        curve = (design * (balance * p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if np.abs(step).max() < _SETTLED:
            break
    return Logistic(centre, scale, weights)

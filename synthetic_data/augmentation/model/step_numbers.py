"""Fit and draw a number that takes few values, such as a score: neighbours held by too few are pooled."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.arrays import Floats
from synthetic_data.augmentation.model.marginal import K

FEW_VALUES = 15
_PRIOR = 0.5  # patients added to each group, so that shares are not exactly those of the patients


@dataclass(frozen=True, slots=True, eq=False)
class StepNumber:
    """Groups of neighbouring values, each of at least 5 patients.

    `low` and `high` (groups,) are the values at the ends of each group, `edges` (groups + 1,) the cumulated
    shares from 0 to 1.
    """

    low: Floats
    high: Floats
    edges: Floats
    decimals: int

    @property
    def width(self) -> int:
        """Need no dimension when all patients fell in one group of one value."""
        return 0 if len(self.low) == 1 and self.low[0] == self.high[0] else 1

    def latent(self, cells: Floats) -> Floats:
        """Give the rank of the group."""
        ranks = np.searchsorted(self.high, cells).astype(float)
        ranks[np.isnan(cells)] = np.nan
        return ranks[:, None][:, : self.width]

    def draw(self, u: Floats) -> Floats:
        """Pick the group, then any value of its range, those that no patient has included."""
        if self.width == 0:
            return np.full(len(u), self.low[0])
        level = u[:, 0]
        group = np.clip(np.searchsorted(self.edges, level, side="right") - 1, 0, len(self.low) - 1)
        inside = (level - self.edges[group]) / (self.edges[group + 1] - self.edges[group])
        step = 10.0**-self.decimals
        choices = np.rint((self.high - self.low)[group] / step) + 1
        picked = np.minimum(np.floor(inside * choices), choices - 1)
        return np.asarray(np.round(self.low[group] + picked * step, self.decimals))


def fit_step_number(known: Floats, decimals: int) -> StepNumber:
    """Group the known values (n,), n >= 5, from the lowest; too small a last group joins the previous."""
    values, times = np.unique(known, return_counts=True)
    groups: list[list[int]] = [[]]
    for rank in range(len(values)):
        if sum(times[groups[-1]]) >= K:
            groups.append([])
        groups[-1].append(rank)
    if len(groups) > 1 and sum(times[groups[-1]]) < K:
        groups[-2:] = [groups[-2] + groups[-1]]
    shares = np.array([times[group].sum() + _PRIOR for group in groups])
    return StepNumber(
        low=np.array([values[group[0]] for group in groups]),
        high=np.array([values[group[-1]] for group in groups]),
        edges=np.concatenate([[0.0], np.cumsum(shares / shares.sum())]),
        decimals=decimals,
    )

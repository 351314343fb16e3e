"""Fit and draw a number whose law is smoothed: no value of a patient is kept, extremes least of all.

Sorted values are averaged by blocks of 5 patients or more, blurred by a normal kernel, then shrunk so that
the spread stays that of the patients. Reusing their quantiles instead gives rows closer to them than other
patients are. Values shared by many patients (zero, a limit of detection) are kept as such: they designate
nobody.
"""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.arrays import Floats
from synthetic_data.augmentation.model import normal
from synthetic_data.augmentation.model.marginal import K
from synthetic_data.augmentation.table import Column

_SHARED = 0.05  # share of the patients above which a value is kept as such
_SKEWED = 1.0
_GRID = 1024
_REACH = 2.0  # bandwidths beyond the outermost block
_SILVERMAN = 0.9
_IQR_OF_NORMAL = 1.349


@dataclass(frozen=True, slots=True, eq=False)
class SmoothNumber:
    """The inverse of a cumulative law: levels `u` (grid,) increasing, values `x` (grid,) of the column."""

    u: Floats
    x: Floats
    decimals: int
    width: int = 1

    def latent(self, cells: Floats) -> Floats:
        """Order the patients by their value."""
        return cells[:, None]

    def draw(self, u: Floats) -> Floats:
        """Read the law, then round as the column does."""
        return np.round(np.interp(u[:, 0], self.u, self.x), self.decimals) + 0.0  # no negative zero


def fit_smooth_number(known: Floats, column: Column) -> SmoothNumber:
    """Smooth the law of the known values (n,) of a numeric column; n >= 5."""
    values, times = np.unique(known, return_counts=True)
    shared = times >= max(K, _SHARED * len(known))
    free = known[~np.isin(known, values[shared])]
    low, high = _bounds(known, column)
    if len(free) < K:
        x, mass = np.array([values[shared][0]]), np.array([0.0])
    else:
        x, mass = _smooth(free, low, high, 10.0**-column.decimals)
    share = len(free) / len(known) if len(free) >= K else 0.0
    weights = (1 - share) * times[shared] / times[shared].sum() if shared.any() else np.array([])
    # A shared value is a vertical step of the cumulative law: the grid gets it twice, before and after.
    grid = np.sort(np.concatenate([x, values[shared], values[shared]]), kind="stable")
    u = share * np.interp(grid, x, mass)
    for value, weight in zip(values[shared], weights, strict=True):
        u += weight * (grid > value)
        u[np.flatnonzero(grid == value)[-1]] += weight
    return SmoothNumber(u / u[-1], grid, column.decimals)


def _bounds(known: Floats, column: Column) -> tuple[float, float]:
    """Keep as bounds what is declared, what at least 5 patients touch, and zero."""
    low, high = known.min(), known.max()
    below = low if (known == low).sum() >= K else 0.0 if low >= 0 else -np.inf
    above = high if (known == high).sum() >= K else np.inf
    return (
        float(below) if column.low is None else column.low,
        float(above) if column.high is None else column.high,
    )


def _smooth(free: Floats, low: float, high: float, step: float) -> tuple[Floats, Floats]:
    """Give a grid of values and the smoothed share of the patients at or below each."""
    shift = step / 2
    logarithmic = low >= 0 and _skew(free) > _SKEWED and _skew(free) > abs(_skew(np.log(free + shift)))
    if logarithmic:
        y, mass = _kernel(np.log(free + shift), float(np.log(low + shift)), float(np.log(high + shift)))
        return np.clip(np.exp(y) - shift, low, high), mass
    return _kernel(free, low, high)


def _kernel(values: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    blocks = np.array_split(np.sort(values), max(1, len(values) // K))
    knots = np.array([block.mean() for block in blocks])
    weights = np.array([len(block) for block in blocks], dtype=float)
    spread = values.std()
    quartiles = np.subtract(*np.percentile(values, [75, 25])) / _IQR_OF_NORMAL
    width = _SILVERMAN * (min(spread, quartiles) if quartiles > 0 else spread) * len(values) ** -0.2
    width = max(width, 1e-9)
    between = np.average((knots - values.mean()) ** 2, weights=weights)
    if between > 0:
        knots = values.mean() + (knots - values.mean()) * np.sqrt(max(0.0, spread**2 - width**2) / between)
    y = np.linspace(max(low, knots[0] - _REACH * width), min(high, knots[-1] + _REACH * width), _GRID)
    # What the kernel spills over a bound is folded back inside.
    folded = [knots, *(2 * bound - knots for bound in (low, high) if np.isfinite(bound))]
    mass = sum(normal.cdf((y[:, None] - centres) / width) @ weights for centres in folded)
    mass = np.asarray(mass) - np.min(mass)
    return y, mass / mass[-1]


def _skew(values: Floats) -> float:
    spread = values.std()
    return float(((values - values.mean()) ** 3).mean() / spread**3) if spread > 0 else 0.0

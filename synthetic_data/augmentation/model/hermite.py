"""Correlation of two latent normals from the correlation of what is observed of them.

What is observed is a step function of the latent normal (ranks, groups, yes or no). Written on Hermite
polynomials, two such functions correlate as sum_k a_k b_k rho^k (Mehler), whatever their types: one formula
gives Pearson, polyserial and polychoric correlations alike.
"""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.arrays import Floats
from synthetic_data.augmentation.model import normal

_TERMS = 24
_STRONGEST = 0.98
_HALVINGS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Data as scores of variance 1: `scores` (n,) with NaN, `coefficients` (terms,) from degree 1."""

    scores: Floats
    coefficients: Floats


def scored(data: Floats) -> Scored:
    """Give each observed value the mean of the latent normal over its interval; data (n,), NaN unobserved."""
    known = ~np.isnan(data)
    values, rank, times = np.unique(data[known], return_inverse=True, return_counts=True)
    scores = np.full(len(data), np.nan)
    if len(values) <= 1:
        scores[known] = 0.0
        return Scored(scores, np.zeros(_TERMS))
    cuts = normal.quantile(np.concatenate([[0.0], np.cumsum(times) / times.sum()]))
    level = -np.diff(normal.density(cuts)) / times * times.sum()
    level /= np.sqrt(np.average(level**2, weights=times))
    scores[known] = level[rank]
    return Scored(scores, -(np.diff(_steps(cuts), axis=1) @ level))


def _steps(cuts: Floats) -> Floats:
    """Give He_(k-1)(t) phi(t) / sqrt(k!) for k = 1.. (terms, cuts): what a step at t weighs in degree k."""
    rows = [normal.density(cuts), cuts * normal.density(cuts) / np.sqrt(2)]
    for k in range(3, _TERMS + 1):
        # He_(k-1) = t He_(k-2) - (k-2) He_(k-3), carried with the square roots of the factorials.
        rows.append(cuts * rows[-1] / np.sqrt(k) - (k - 2) * rows[-2] / np.sqrt(k * (k - 1)))
    return np.array(rows)


def latent_correlation(observed: Floats, a: Floats, b: Floats) -> Floats:
    """Invert Mehler's formula by bisection: observed correlations (pairs,), coefficients (pairs, terms)."""
    weights = a * b
    low, high = np.full(len(observed), -_STRONGEST), np.full(len(observed), _STRONGEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = _mehler(weights, middle) < observed
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)


def _mehler(weights: Floats, rho: Floats) -> Floats:
    total = np.zeros(len(rho))
    for k in range(_TERMS - 1, -1, -1):  # Horner
        total = (total + weights[:, k]) * rho
    return np.asarray(total)

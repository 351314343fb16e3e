"""Throughput by concurrency: the Universal Scalability Law, fitted on relative residuals, with a bootstrap.

X(N) = l N / (1 + s (N-1) + k N (N-1)). Source: N. J. Gunther, Guerrilla Capacity Planning, 2007, chapter 4;
https://www.perfdynamics.com/Manifesto/USLscalability.html
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from lab.model.scaling import CurvePoint

DRAWS = 200
FURTHEST_PEAK = 1.5
"""A peak is told up to so many times the largest concurrency tested."""
FEWEST_LEVELS = 3
_POINTS = 24
_CENTRE = (2.5, 97.5)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Usl:
    """One set of parameters, (estimate, low, high) each; ``rate`` in requests/s."""

    rate: tuple[float, float, float]
    contention: tuple[float, float, float]
    coherency: tuple[float, float, float]
    curve: tuple[CurvePoint, ...]
    largest: int

    @property
    def peak(self) -> float | None:
        """The concurrency of the highest throughput, None without coherency or too far beyond the tested."""
        if self.coherency[0] <= 0 or self.contention[0] >= 1:
            return None
        peak = math.sqrt((1 - self.contention[0]) / self.coherency[0])
        return peak if peak <= FURTHEST_PEAK * self.largest else None

    @property
    def efficiency(self) -> float:
        """The throughput at the largest concurrency, as a share of what as many first callers would get."""
        return (
            float(_law(np.float64(self.largest), 1.0, self.contention[0], self.coherency[0])) / self.largest
        )


def fit(concurrencies: Sequence[int], rates: Sequence[float], seed: int) -> Usl | None:
    """Return the law of rates (requests/s) by concurrency, a point for each repetition; None when none fits.

    The intervals come from resampled relative residuals, the same for the same seed.
    """
    n = np.asarray(concurrencies, dtype=np.float64)
    x = np.asarray(rates, dtype=np.float64)
    best = _fitted(n, x)
    if best is None:
        return None
    fitted = _law(n, *best)
    # Residuals are smaller than the noise, as the fit was drawn to its points: degrees of freedom.
    left_over = (x / fitted - 1) * math.sqrt(len(n) / max(len(n) - len(best), 1))
    random = np.random.default_rng(seed)
    drawn = (_fitted(n, fitted * (1 + random.choice(left_over, len(n)))) for _ in range(DRAWS))
    draws = np.asarray([one for one in drawn if one is not None])
    if len(draws) < DRAWS / 2:
        return None
    lows, highs = np.percentile(draws, _CENTRE, axis=0)
    rate, contention, coherency = (
        (float(value), float(low), float(high)) for value, low, high in zip(best, lows, highs, strict=True)
    )
    largest = int(n.max())
    return Usl(rate, contention, coherency, _curve(best, draws, largest), largest)


def _law(n: Array | np.float64, rate: float, contention: float, coherency: float) -> Array:
    return np.asarray(rate * n / (1 + contention * (n - 1) + coherency * n * (n - 1)))


def _fitted(n: Array, x: Array) -> Array | None:
    """Return the parameters of the least relative residuals, none of them negative.

    N / X(N) = (1 + s (N-1) + k N (N-1)) / l is linear in 1/l, s/l and k/l: there is one best fit, found at
    once, where a descent in l, s and k may stop elsewhere.
    """
    if np.any(x <= 0):
        return None
    terms = np.column_stack((np.ones_like(n), n - 1, n * (n - 1)))
    per_caller = n / x
    weights, _ = nnls(terms / per_caller[:, None], np.ones_like(n))
    if weights[0] <= 0:
        return None
    return np.asarray((1 / weights[0], weights[1] / weights[0], weights[2] / weights[0]))


def _curve(best: Array, draws: Array, largest: int) -> tuple[CurvePoint, ...]:
    points = []
    for n in np.geomspace(1, max(largest, 2), _POINTS):
        low, high = np.percentile([float(_law(n, *draw)) for draw in draws], _CENTRE)
        points.append(CurvePoint(round(float(n), 4), float(_law(n, *best)), float(low), float(high)))
    return tuple(points)

"""The law of latency by size: a slope with its interval, and whether an exponential describes it better.

Sources: P. K. Sen, JASA 63 (1968) for the slope; C. M. Hurvich, C.-L. Tsai, Biometrika 76 (1989) for AICc.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import theilslopes

from lab.model.scaling import SizeLaw
from lab.model.words import Growth

FLAT_BELOW, SUB_LINEAR_BELOW, LINEAR_UP_TO = 0.15, 0.5, 1.10
BETTER_BY = 6.0
"""A difference of AICc that leaves next to no support to the other model."""
_PARAMETERS = 3  # two of the curve and the variance
_POWERS = (1.0, 1.5, 2.0, 2.5, 3.0)
_LEAST_NOISE = 1e-6  # of a logarithm: points without any noise would give infinite support

Array = NDArray[np.float64]


def fit(sizes: Sequence[float], latencies: Sequence[float]) -> SizeLaw:
    """Return the law of latencies (ms) by size, a point for each repetition of each size; pure.

    ``sizes`` and ``latencies`` have the same length; at least three sizes.
    """
    x = np.asarray(sizes, dtype=np.float64)
    y = np.log(np.asarray(latencies, dtype=np.float64))
    slope, _, low, high = map(float, theilslopes(y, np.log(x)))
    largest = np.isin(x, np.unique(x)[-2:])
    octave, _, octave_low, octave_high = map(float, theilslopes(y[largest], np.log(x[largest])))
    advantage = min(_power(x, y), *(_offset(x, y, power) for power in _POWERS)) - _exponential(x, y)
    if advantage > BETTER_BY and octave > _bend(x) * slope and octave > LINEAR_UP_TO:
        least = most = Growth.EXPONENTIAL
    else:
        # A curve that still bends upwards is not called by its mean slope alone.
        least, most = growth_of(low), growth_of(max(high, octave_low))
    return SizeLaw(slope, low, high, octave, octave_low, octave_high, advantage, least, most)


def growth_of(slope: float) -> Growth:
    """Return the class of one slope."""
    if slope < FLAT_BELOW:
        return Growth.FLAT
    if slope < SUB_LINEAR_BELOW:
        return Growth.SUB_LINEAR
    return Growth.LINEAR if slope <= LINEAR_UP_TO else Growth.SUPER_LINEAR


def _power(x: Array, y: Array) -> float:
    return _line(np.log(x), y)


def _exponential(x: Array, y: Array) -> float:
    return _line(x, y)


def _offset(x: Array, y: Array, power: float) -> float:
    """Judge a constant plus a power: where the constant hides most of the growth, that looks exponential too.

    y = ln(a (1 + q x^p)): for each q the best a is the mean of what remains.
    """
    raised = (x / float(np.median(x))) ** power

    def remaining(logarithm: float) -> float:
        rest = y - np.log1p(raised * math.exp(logarithm))
        return float(np.sum((rest - rest.mean()) ** 2))

    best = minimize_scalar(remaining, bounds=(-12.0, 12.0), method="bounded")
    return _criterion(float(best.fun), len(y))


def _bend(x: Array) -> float:
    """Return how many times the whole slope the last octave must be steeper to be that of an exponential.

    A power law bends 1 time, an exponential as many times as the sizes make it: between the two, in the
    geometric middle. Seven sizes that double give about 2.
    """
    sizes = np.unique(x)
    whole, *_ = theilslopes(sizes, np.log(sizes))
    last = (sizes[-1] - sizes[-2]) / math.log(sizes[-1] / sizes[-2])
    return math.sqrt(float(last / whole))


def _line(x: Array, y: Array) -> float:
    """Judge the least-squares line of y on x."""
    away = x - x.mean()
    slope = float(away @ (y - y.mean()) / (away @ away))
    rest = y - y.mean() - slope * away
    return _criterion(float(rest @ rest), len(y))


def _criterion(squares: float, count: int) -> float:
    """Return AICc from the sum of squares of what a model leaves over."""
    k = _PARAMETERS
    correction = 2 * k * (k + 1) / max(count - k - 1, 1)
    return count * math.log(max(squares / count, _LEAST_NOISE**2)) + 2 * k + correction

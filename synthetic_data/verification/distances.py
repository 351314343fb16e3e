"""How far an observed distribution is from its law: Cramér's V, Kolmogorov-Smirnov D, and what luck explains.

An effect size does not grow with the number of observations, as a p-value does.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Luck alone goes beyond the sampling bounds once in a thousand times.
_NORMAL_QUANTILE = 3.0902
_KOLMOGOROV_QUANTILE = 1.9495


def cramers_v(observed: Floats, law: Floats) -> float:
    """Give V = sqrt(chi2 / (n (k - 1))) of counts over k categories; `law` need not sum to 1.

    Categories that the law excludes are left out: what is observed there is another defect.
    """
    possible = law > 0
    counts = observed[possible]
    expected = law[possible] / law[possible].sum() * counts.sum()
    chi2 = ((counts - expected) ** 2 / expected).sum()
    return float(np.sqrt(chi2 / (counts.sum() * max(1, len(counts) - 1))))


def kolmogorov_smirnov(observed: Floats, law: Floats) -> float:
    """Give D, the largest gap between cumulated shares, of counts over ordered classes."""
    return float(np.abs(np.cumsum(observed / observed.sum()) - np.cumsum(law / law.sum())).max())


def luck_of_v(observations: float, categories: int) -> float:
    """Give the V that luck rarely exceeds (chi-squared quantile approximated by Wilson and Hilferty)."""
    freedom = max(1, categories - 1)
    spread = 2 / (9 * freedom)
    chi2 = freedom * (1 - spread + _NORMAL_QUANTILE * np.sqrt(spread)) ** 3
    return float(np.sqrt(chi2 / (observations * freedom)))


def luck_of_d(observations: float) -> float:
    """Give the D that luck rarely exceeds."""
    return float(_KOLMOGOROV_QUANTILE / np.sqrt(observations))

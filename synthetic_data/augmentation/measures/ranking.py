"""Compare two samples of numbers: area under the ROC curve, Kolmogorov-Smirnov, Wasserstein."""

import numpy as np

from synthetic_data.augmentation.arrays import Floats


def area_under_curve(positives: Floats, negatives: Floats) -> float:
    """Give P(a positive scores above a negative), ties counting half; 0.5 when a sample is empty."""
    if len(positives) == 0 or len(negatives) == 0:
        return 0.5
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, side="left")
    upto = np.searchsorted(ordered, positives, side="right")
    return float((below + upto).mean() / 2 / len(negatives))


def kolmogorov_smirnov(first: Floats, second: Floats) -> float:
    """Give the largest gap between two cumulative laws, from 0 to 1; 1 when a single sample is empty."""
    if len(first) == 0 or len(second) == 0:
        return float(len(first) != len(second))
    at = np.concatenate([first, second])
    return float(np.abs(_upto(first, at) - _upto(second, at)).max())


def wasserstein(first: Floats, second: Floats) -> float:
    """Give the area between two cumulative laws (unit of the values); NaN when a sample is empty."""
    if len(first) == 0 or len(second) == 0:
        return float("nan")
    at = np.unique(np.concatenate([first, second]))
    gaps = np.abs(_upto(first, at[:-1]) - _upto(second, at[:-1]))
    return float((gaps * np.diff(at)).sum())


def _upto(sample: Floats, at: Floats) -> Floats:
    return np.asarray(np.searchsorted(np.sort(sample), at, side="right") / len(sample))

"""How often an application may leak at most, after so many forbidden requests of which so many leaked.

The exact one-sided bound of Clopper and Pearson, at 95 %; without a leak it is 1 - 0.05^(1/n), about 3/n.
Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934), https://doi.org/10.1093/biomet/26.4.404
"""

from math import exp, lgamma, log, log1p

_DOUBT = 0.05
_STEPS = 60


def upper_bound(leaks: int, probes: int) -> float | None:
    """Return the largest share of leaks that the counts leave room for, None when nothing was probed."""
    if not probes:
        return None
    if leaks >= probes:
        return 1.0
    low, high = leaks / probes, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(leaks, probes, middle) > _DOUBT else (low, middle)
    return high


def _at_most(leaks: int, probes: int, share: float) -> float:
    """Return the chance of so many leaks or fewer."""
    whole = lgamma(probes + 1)
    return sum(
        exp(
            whole
            - lgamma(k + 1)
            - lgamma(probes - k + 1)
            + (k * log(share) if k else 0.0)
            + (probes - k) * log1p(-share)
        )
        for k in range(leaks + 1)
    )

"""Counts over classes beside the law they should follow, and how far from it they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthetic_data.description.bilingual import Both
from synthetic_data.verification.distances import Floats, cramers_v, luck_of_v
from synthetic_data.verification.keys import Ints
from synthetic_data.verification.target import CLOSEST


@dataclass(frozen=True, slots=True)
class Comparison:
    """`expected`: what the law gives for as many observations, empty without a law.

    `distance`: Cramér's V, `luck`: the V that luck alone rarely exceeds; None without law or observation.
    """

    labels: tuple[Both, ...]
    counted: tuple[int, ...]
    expected: tuple[float, ...] = ()
    distance: float | None = None
    luck: float | None = None

    @property
    def verdict(self) -> str:
        """Tell what the distance means: `luck` explains it, else it is `close` all the same, or `far`."""
        if self.distance is None or self.luck is None or self.distance <= self.luck:
            return "luck"
        return "close" if self.distance <= CLOSEST else "far"

    @property
    def total(self) -> int:
        """Give the number of observations."""
        return sum(self.counted)


def compared(labels: Sequence[Both], counted: Ints, law: Floats) -> Comparison:
    """Compare counts with weights, which need not sum to 1."""
    total = int(counted.sum())
    share = law / law.sum()
    judged = total > 0
    return Comparison(
        tuple(labels),
        tuple(int(one) for one in counted),
        tuple(float(one) for one in share * total),
        cramers_v(counted.astype(np.float64), law) if judged else None,
        luck_of_v(total, int((law > 0).sum())) if judged else None,
    )

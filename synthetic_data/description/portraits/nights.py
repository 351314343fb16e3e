"""How long stays last: midnights spent in the hospital, beside the two published figures."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from synthetic_data.description.bilingual import Both, same
from synthetic_data.description.gathering.encounters import Encounters
from synthetic_data.description.portraits.comparison import Comparison
from synthetic_data.tables import proportion
from synthetic_data.verification.instants import DAY
from synthetic_data.verification.keys import Ints

# First number of nights of each class.
_CLASSES = (*range(15), 15, 21, 31)


@dataclass(frozen=True, slots=True)
class LengthOfStay:
    """Stays that are over. `without`: share without a night; `mean`: nights of the others."""

    classes: Comparison
    ended: int
    running: int
    without: float | None
    without_target: float
    mean: float | None
    mean_target: float
    median: float | None


def nights_of(stays: Encounters) -> Ints:
    """Give the midnights that each stay went through."""
    return np.maximum(0, stays.end_wall // DAY - stays.start_wall // DAY)


def length_of_stay(stays: Encounters) -> LengthOfStay:
    """Count the nights of the stays that are over."""
    over = stays.at(np.flatnonzero(stays.ended))
    nights = nights_of(over)
    full = nights[nights > 0]
    counted = np.bincount(np.searchsorted(_CLASSES, nights, side="right") - 1, minlength=len(_CLASSES))
    return LengthOfStay(
        Comparison(_labels(), tuple(map(int, counted))),
        ended=len(over),
        running=len(stays) - len(over),
        without=float((nights == 0).mean()) if len(over) else None,
        without_target=proportion("sejours_sans_nuit"),
        mean=float(full.mean()) if len(full) else None,
        mean_target=proportion("nuits_moyennes"),
        median=float(np.median(full)) if len(full) else None,
    )


def _labels() -> tuple[Both, ...]:
    single = tuple(same(str(nights)) for nights in _CLASSES[:15])
    spans = tuple(same(f"{first}\u2013{after - 1}") for first, after in pairwise(_CLASSES[15:]))
    return (*single, *spans, same(f"{_CLASSES[-1]}+"))

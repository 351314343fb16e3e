"""How long stays last: day-hospital share and nights, calibrated on the published national figures.

49 % of stays have no night, the others last 5.5 nights on average (proportions.csv). The table cim10.csv says
how diagnoses differ; one shift of the day-hospital odds and one factor on the nights bring the whole to that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.chance import Floats
from synthetic_data.facts.diagnoses import BIRTH, DELIVERIES, MOTIVE_DIAGNOSIS, MOTIVES, weights
from synthetic_data.facts.volumes import YEAR
from synthetic_data.tables import proportion, table
from synthetic_data.templating.columns import Flags, Ints

SPREAD = 0.6
_MOST = 120
_OLD_AGE = 60  # youngest age of the motives of old people
_OLD_SHARE = 0.15  # of the visitors that come for the other motives


@dataclass(frozen=True, slots=True, eq=False)
class StayLaw:
    """By diagnosis: probability of a planned stay without a night, median nights of the others."""

    day_share: Floats
    median: Floats


@cache
def stay_law() -> StayLaw:
    """Calibrate the tables of the diagnoses."""
    by_day = np.array([float(row["part_jour"]) for row in table("cim10")])
    nights = np.array([float(row["nuits"]) for row in table("cim10")])
    planned = weights("sejour") / weights("sejour").sum()
    urgent = np.bincount(MOTIVE_DIAGNOSIS, [_admissions(row) for row in MOTIVES], len(nights))
    urgent = urgent / urgent.sum() * YEAR["admissions_urgences"] / YEAR["sejours"]
    born = (_births(BIRTH) + _births("")) * YEAR["naissances"] / YEAR["sejours"]
    planned = planned * (1 - urgent.sum() - born.sum())
    target = proportion("sejours_sans_nuit")
    shift = _solve(lambda move: (planned * _shifted(by_day, move)).sum(), target, -8, 8)
    share = _shifted(by_day, shift)
    full = planned * (1 - share) + urgent + born
    mean = proportion("nuits_moyennes")
    factor = _solve(lambda f: (full * expected_nights(nights * f)).sum() / full.sum(), mean, 0.2, 5)
    return StayLaw(share, nights * factor)


def _births(needs: str) -> Floats:
    """Give the law of the diagnoses of newborns, or of their mothers when `needs` is empty."""
    chosen = [
        row["exige"] == needs if needs else row["code"].startswith(DELIVERIES) for row in table("cim10")
    ]
    weights_ = np.array([float(row["poids_sejour"]) for row in table("cim10")]) * np.array(chosen)
    return weights_ / weights_.sum()


def _admissions(motive: dict[str, str]) -> float:
    """Weigh a motive by the admissions it leads to: those of old age lead to more."""
    old = 1.0 if int(motive["age_min"]) >= _OLD_AGE else _OLD_SHARE
    rates = proportion("urgences_admission_75_ans"), proportion("urgences_admission_adulte")
    return float(motive["poids"]) * (old * rates[0] + (1 - old) * rates[1])


def draw_nights(diagnosis: Ints, luck: Floats) -> Ints:
    """Draw the nights of full stays, at least one: log-normal around the median of the diagnosis."""
    nights = np.rint(stay_law().median[diagnosis] * np.exp(SPREAD * normal(luck)))
    return np.clip(nights, 1, _MOST).astype(np.int64)


def by_day(diagnosis: Ints, luck: Floats) -> Flags:
    """Tell which planned stays have no night."""
    return luck < stay_law().day_share[diagnosis]


def night_law(median: Floats) -> Floats:
    """Give the probability of 0 to 120 nights of full stays, shape (medians, 121)."""
    edges = (np.arange(_MOST + 2) - 0.5)[None, :] / median[:, None]
    below = cumulated(np.log(np.maximum(edges, 1e-9)) / SPREAD)
    below[:, :2], below[:, -1] = 0.0, 1.0
    return np.diff(below, axis=1)


def expected_nights(median: Floats) -> Floats:
    """Give the mean nights of full stays."""
    return night_law(np.maximum(median, 0.01)) @ np.arange(_MOST + 1)


def _shifted(share: Floats, shift: float) -> Floats:
    """Move the odds of a share; 0 and 1 stay what they are (never, always by day)."""
    inner = np.clip(share, 1e-6, 1 - 1e-6)
    moved = 1 / (1 + np.exp(-(np.log(inner / (1 - inner)) + shift)))
    return np.where((share <= 0) | (share >= 1), share, moved)


def _solve(function: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Find where a growing function reaches the target, by bisection."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < target else (low, middle)
    return (low + high) / 2


_GRID = np.linspace(-5, 5, 4001)
_DENSITY = np.exp(-(_GRID**2) / 2)
_CUMULATED = np.cumsum(_DENSITY) / _DENSITY.sum()


def cumulated(deviation: Floats) -> Floats:
    """Give the standard normal distribution function."""
    return np.interp(deviation, _GRID, _CUMULATED)


def normal(luck: Floats) -> Floats:
    """Give the standard normal quantiles of numbers of [0, 1)."""
    return np.interp(luck, _CUMULATED, _GRID)

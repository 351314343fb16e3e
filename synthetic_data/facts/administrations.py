"""The doses given on the first day of stays with nights: one or two for each regular prescription."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.facts.chance import dice
from synthetic_data.facts.clock import DAY
from synthetic_data.facts.episodes import Episodes
from synthetic_data.facts.formulary import habits
from synthetic_data.facts.prescriptions import WITH_NIGHTS, Prescriptions
from synthetic_data.plan import HospitalPlan
from synthetic_data.templating.columns import Ints

_ASKED = 0.7  # of the prescriptions "if needed": asked for on the first day


@dataclass(frozen=True, slots=True, eq=False)
class Administrations:
    """One row for each dose, by prescription then time. `given`: minutes since 1970."""

    prescription: Ints
    given: Ints

    def __len__(self) -> int:
        """Give the number of doses."""
        return len(self.given)


def draw_administrations(
    plan: HospitalPlan, block: int, episodes: Episodes, prescriptions: Prescriptions
) -> Administrations:
    """Draw the first doses; what is given once a day or less is given once."""
    rng = dice(plan.seed, "administrations", block)
    asked = np.array([one.as_needed for one in habits()])[prescriptions.habit]
    chosen = np.flatnonzero(
        (prescriptions.venue == WITH_NIGHTS) & (~asked | (rng.random(len(prescriptions)) < _ASKED))
    )
    interval = np.array([one.interval or DAY for one in habits()])[prescriptions.habit[chosen]]
    first = prescriptions.authored[chosen] + rng.integers(10, 61, len(chosen))
    second = first + np.minimum(interval, DAY) + rng.integers(-15, 16, len(chosen))
    rows = np.concatenate([chosen, chosen[interval < DAY]])
    given = np.concatenate([first, second[interval < DAY]])
    until = np.minimum(episodes.end, plan.now_minute)[prescriptions.episode[rows]]
    order = np.lexsort((given, rows))
    order = order[(given <= until)[order]]
    return Administrations(rows[order], given[order])

"""Choose people: who uses the hospital, and who receives each diagnosis."""

import numpy as np

from synthetic_data.facts.chance import Dice, Floats, draw, strata
from synthetic_data.facts.people import NEVER, People
from synthetic_data.templating.columns import Ints

_YEAR = 365 * 1440
_LAST_YEAR = 3.0


def use_of_hospital(rng: Dice, people: People) -> Floats:
    """Weigh people by frailty, presence in the year and luck: some come often and many not at all.

    Those in their last year of life come most.
    """
    presence = (people.seen_until - people.seen_from) / _YEAR
    last_year = np.where(people.death == NEVER, 1.0, _LAST_YEAR)
    return (0.2 + people.health.frailty) * presence * last_year * rng.gamma(2.0, 0.5, len(people))


def receivers(rng: Dice, wanted: Ints, chances: Floats, fallback: Floats) -> tuple[Ints, Ints]:
    """Choose a person for each wanted reason (a row of `chances`, shape (reasons, people)).

    Returns the people and the reasons: one that nobody can have is replaced, drawn from `fallback`, the
    weights of the reasons. With no reason possible for anybody, ValueError.
    """
    cumulated = np.cumsum(chances, axis=1)
    possible = cumulated[:, -1] > 0
    if not possible.any():
        raise ValueError("expected somebody for at least one diagnosis, got nobody: ask for more patients")
    reasons = wanted.copy()
    lost = np.flatnonzero(~possible[reasons])
    if len(lost):
        usable = np.where(possible, fallback, 0.0)
        reasons[lost] = draw(usable if usable.sum() > 0 else possible.astype(float), rng.random(len(lost)))
    chosen = np.empty(len(reasons), np.int64)
    for reason in np.unique(reasons):
        rows = np.flatnonzero(reasons == reason)
        luck = strata(rng, len(rows)) * cumulated[reason, -1]
        chosen[rows] = np.searchsorted(cumulated[reason], luck, side="right")
    return np.minimum(chosen, chances.shape[1] - 1), reasons

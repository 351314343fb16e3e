"""Emergency visits: motive, site, length, outcome, and which lead to a stay."""

from dataclasses import replace
from functools import cache

import numpy as np

from synthetic_data.facts.calendar import EMERGENCIES
from synthetic_data.facts.chance import Dice, Floats, draw, strata
from synthetic_data.facts.clock import DAY, age_at
from synthetic_data.facts.diagnoses import MOTIVE_DIAGNOSIS, MOTIVES, motive_affinity
from synthetic_data.facts.journeys import NONE, Journeys
from synthetic_data.facts.nights import draw_nights
from synthetic_data.facts.people import People
from synthetic_data.facts.visitors import receivers
from synthetic_data.tables import ADULT, proportion, table
from synthetic_data.templating.columns import Flags, Ints

OUTCOMES = tuple(row["issue"] for row in table("urgences_sorties"))
HOME, ADMITTED, OBSERVED, LEFT = (
    OUTCOMES.index(issue) for issue in ("domicile", "hospitalisation", "uhcd", "parti")
)
PURPAN, RANGUEIL = 0, 1
_OLD = 75
_SHORTEST = 20
_DAY_MINUTES = 1440


@cache
def motive_weights() -> Floats:
    """Give the weights of the emergency motives."""
    return np.array([float(row["poids"]) for row in MOTIVES])


def visits(rng: Dice, people: People, use: Floats, by_diagnosis: Floats, count: int, room: int) -> Journeys:
    """Draw emergency visits, at most `room` of which lead to a stay.

    `use`: weight of each person; `by_diagnosis`: who may receive each diagnosis.
    """
    wanted = draw(motive_weights(), strata(rng, count))
    chances = motive_affinity(people, by_diagnosis) * use
    person, motive = receivers(rng, wanted, chances, motive_weights())
    diagnosis = MOTIVE_DIAGNOSIS[motive]
    age = people.age[person]
    admitted = _admitted(age, strata(rng, count), room)
    outcome = np.where(admitted, ADMITTED, _others(strata(rng, count)))
    draft = Journeys.blank(person, EMERGENCIES, diagnosis)
    return replace(
        draft,
        visit=_lengths(outcome, rng.standard_normal(count)),
        motive=motive,
        outcome=outcome,
        site=np.where(
            (age >= ADULT) & (rng.random(count) >= proportion("urgences_purpan")), RANGUEIL, PURPAN
        ),
        nights=np.where(admitted, draw_nights(diagnosis, strata(rng, count)), NONE),
        leaves=rng.integers(10 * 60, 17 * 60, count),
    )


def _admitted(age: Ints, luck: Floats, room: int) -> Flags:
    """Tell which visits end in a stay, by age; the least likely ones go home when there is no room."""
    rate = np.where(
        age >= _OLD, proportion("urgences_admission_75_ans"), proportion("urgences_admission_adulte")
    )
    chosen = luck < rate
    extra = int(chosen.sum()) - room
    if extra > 0:
        margin = np.where(chosen, rate - luck, np.inf)
        chosen[np.argsort(margin, kind="stable")[:extra]] = False
    return chosen


def _others(luck: Floats) -> Ints:
    """Draw the outcome of the visits that do not end in a stay."""
    left, observed = proportion("urgences_parti_sans_soins"), proportion("urgences_uhcd")
    return np.select([luck < left, luck < left + observed], [LEFT, OBSERVED], HOME)


@cache
def _medians() -> Floats:
    return np.array([float(row["mediane_minutes"]) for row in table("urgences_sorties")])


def _lengths(outcome: Ints, deviation: Floats) -> Ints:
    """Draw how long visits last: log-normal around the median of the outcome, in minutes."""
    minutes = np.rint(_medians()[outcome] * np.exp(0.5 * deviation)).astype(np.int64)
    return np.clip(minutes, _SHORTEST, 2 * _DAY_MINUTES)


def make_recent(rng: Dice, people: People, drawn: Journeys, now: int, wanted: int, busy: Ints) -> Journeys:
    """Move the visits of some people, but for the `busy` ones, to the last 24 hours, denser near `now`.

    About a third of those visitors are still in the department; their stay, if any, is not known yet, so they
    get none. Some adults came first to the other site on the same day.
    """
    free = np.flatnonzero((people.death[drawn.person] > now) & ~np.isin(drawn.person, busy))
    _, first = np.unique(drawn.person[free], return_index=True)
    chosen = free[first][rng.permutation(len(first))[:wanted]]
    start, fixed = drawn.start.copy(), drawn.fixed.copy()
    start[chosen] = now - np.rint(10 + 1390 * rng.random(len(chosen)) ** 2).astype(np.int64)
    fixed[chosen] = True
    visit, nights = drawn.visit.copy(), drawn.nights.copy()
    running = chosen[start[chosen] + visit[chosen] + 60 > now]
    visit[running] = np.maximum(visit[running], now - start[running] + 60)
    nights[running] = NONE
    return _returns(
        rng, people, replace(drawn, start=start, fixed=fixed, visit=visit, nights=nights), chosen, now
    )


def _returns(rng: Dice, people: People, drawn: Journeys, recent: Ints, now: int) -> Journeys:
    """Let an earlier visit of the same day, at the other site, come before some of the recent ones."""
    start, fixed, visit = drawn.start.copy(), drawn.fixed.copy(), drawn.visit.copy()
    site, nights, outcome = drawn.site.copy(), drawn.nights.copy(), drawn.outcome.copy()
    for row in recent[rng.random(len(recent)) < proportion("urgences_retour_24h")]:
        before = start[row] - int(rng.integers(240, 600))
        mates = np.flatnonzero((drawn.person == drawn.person[row]) & ~fixed)
        adult = age_at(people.birth[[drawn.person[row]]], np.array([now]))[0] > ADULT
        if len(mates) and adult and before > now - DAY + 60:
            mate = mates[0]
            start[mate], fixed[mate], visit[mate] = before, True, int(rng.integers(60, 180))
            site[mate], nights[mate], outcome[mate] = 1 - site[row], NONE, HOME
    return replace(drawn, start=start, fixed=fixed, visit=visit, site=site, nights=nights, outcome=outcome)

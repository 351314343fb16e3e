"""Place journeys in the year so that nobody is at two places at once."""

from dataclasses import replace

import numpy as np

from synthetic_data.facts.calendar import Year
from synthetic_data.facts.chance import Dice, Floats, strata
from synthetic_data.facts.clock import DAY, HOUR
from synthetic_data.facts.journeys import NONE, Journeys, end_of
from synthetic_data.facts.people import People
from synthetic_data.templating.columns import Flags, Ints

_BETWEEN = 30  # minutes
_TRIES = 30
_ROOM = 2 * HOUR


def place(rng: Dice, year: Year, people: People, journeys: Journeys) -> Journeys:
    """Give the journeys with their starts.

    Everybody's journeys are drawn from the law of arrivals; those that meet another one are drawn again. The
    rare people whose year is too full for that get theirs one after the other.
    """
    placed = _draw(rng, year, people, journeys, ~journeys.fixed, strata(rng, len(journeys.start)))
    for _ in range(_TRIES):
        clashing = _clashes(placed)
        if not clashing.any():
            return placed
        placed = _draw(rng, year, people, placed, clashing, rng.random(len(clashing)))
    return _lined_up(people, placed)


def _draw(rng: Dice, year: Year, people: People, journeys: Journeys, rows: Flags, luck: Floats) -> Journeys:
    where = np.flatnonzero(rows)
    who = journeys.person[where]
    start = journeys.start.copy()
    latest = people.seen_until[who] - _ROOM - np.maximum(journeys.visit[where], 0)
    start[where] = year.draw(rng, journeys.profile[where], people.seen_from[who], latest, luck[where])
    return replace(journeys, start=start)


def _clashes(journeys: Journeys) -> Flags:
    """Tell which journeys must move: those that begin before an earlier one of the same person is over.

    When that one cannot move, the earlier one does.
    """
    order = np.lexsort((journeys.start, journeys.person))
    person, start, end = journeys.person[order], journeys.start[order], end_of(journeys)[order]
    fixed = journeys.fixed[order]
    latest = _running_end(person, end)
    same = person[1:] == person[:-1]
    meets = np.concatenate([[False], same & (start[1:] < latest[:-1] + _BETWEEN)])
    blocked = np.flatnonzero(meets & fixed)
    meets[blocked] = False
    for back in range(1, 4):  # the journey in the way is nearly always one of the three before
        earlier = blocked - back
        earlier = earlier[(earlier >= 0)]
        after = earlier + back
        hit = (person[earlier] == person[after]) & (end[earlier] + _BETWEEN > start[after]) & ~fixed[earlier]
        meets[earlier[hit]] = True
    clashing = np.zeros(len(order), bool)
    clashing[order] = meets
    return clashing


def _running_end(person: Ints, end: Ints) -> Ints:
    """Give the latest end so far of each person, rows being sorted by person and start."""
    # Adding a step for each person lets one running maximum serve all of them.
    step = (person.astype(np.int64) - person.min(initial=0)) * (int(end.max(initial=0)) + 1)
    return np.maximum.accumulate(end + step) - step


def _lined_up(people: People, journeys: Journeys) -> Journeys:
    """Cut the year of each person whose journeys still meet into equal slots, one journey in each."""
    start, nights = journeys.start.copy(), journeys.nights.copy()
    length, visit, fixed = journeys.length.copy(), journeys.visit.copy(), journeys.fixed
    for person in np.unique(journeys.person[_clashes(journeys)]):
        rows = np.flatnonzero((journeys.person == person) & ~fixed)
        kept = np.flatnonzero((journeys.person == person) & fixed)
        if len(rows) == 0:
            continue
        until = min([int(people.seen_until[person]), *journeys.start[kept].tolist()]) - _BETWEEN
        since = int(people.seen_from[person])
        if until - since < len(rows) * _ROOM:  # the fixed ones come first: what is left comes after them
            since, until = int(end_of(journeys)[kept].max()) + _BETWEEN, int(people.seen_until[person])
        room = max(2 * _BETWEEN, (until - since) // len(rows))
        rows = rows[np.argsort(start[rows], kind="stable")]
        start[rows] = since + np.arange(len(rows)) * room
        possible = max(0, (room - _BETWEEN) // DAY - 1)
        staying = journeys.nights[rows] != NONE
        nights[rows] = np.where(staying, np.minimum(journeys.nights[rows], possible), NONE)
        shortest = np.where(length[rows] == NONE, 4 * HOUR, length[rows])
        length[rows] = np.minimum(shortest, room - _BETWEEN)
        visited = visit[rows] != NONE
        visit[rows] = np.where(visited, np.minimum(visit[rows], max(_BETWEEN, room // 2 - _BETWEEN)), NONE)
    return replace(journeys, start=start, nights=nights, length=length, visit=visit)

"""Place journeys in the year so that nobody is at two places at once."""

from dataclasses import replace

import numpy as np

from synthetic_data.facts.calendar import PROFILES, Year
from synthetic_data.facts.chance import Dice, Floats, strata
from synthetic_data.facts.clock import DAY, HOUR, utc, wall
from synthetic_data.facts.journeys import NONE, TO_THE_WARD, Journeys, end_of
from synthetic_data.facts.people import People
from synthetic_data.templating.columns import Flags, Ints

_BETWEEN = 30  # minutes
_PATIENT_TRIES = 15
_TRIES = 40
_ROOM = 2 * HOUR
_HALF_DAYS = (8 * HOUR + 30, 14 * HOUR)
_THURSDAY, _SATURDAY = 3, 5  # 1970-01-01 was a Thursday


def place(rng: Dice, year: Year, people: People, journeys: Journeys) -> Journeys:
    """Give the journeys with their starts.

    Everybody's journeys are drawn from the law of arrivals; those that meet another one are drawn again,
    after a while with half their nights. The rare people whose year is too full even so get theirs one
    after the other.
    """
    placed = _draw(year, people, journeys, ~journeys.fixed, _strata_by_profile(rng, journeys.profile))
    clashing = np.ones(len(placed.person), bool)
    for attempt in range(_TRIES):
        clashing = _clashes_again(placed, clashing)
        if not clashing.any():
            return placed
        if attempt >= _PATIENT_TRIES:
            shorter = clashing & (placed.nights != NONE)  # halving NONE would make a stay of a consultation
            placed = replace(placed, nights=np.where(shorter, -(-placed.nights // 2), placed.nights))
        placed = _draw(year, people, placed, clashing, rng.random(len(clashing)))
    return _lined_up(people, placed)


def _strata_by_profile(rng: Dice, profile: Ints) -> Floats:
    luck = np.empty(len(profile))
    for rank in range(len(PROFILES)):
        rows = np.flatnonzero(profile == rank)
        luck[rows] = strata(rng, len(rows))
    return luck


def _draw(year: Year, people: People, journeys: Journeys, rows: Flags, luck: Floats) -> Journeys:
    where = np.flatnonzero(rows)
    who = journeys.person[where]
    start = journeys.start.copy()
    latest = people.seen_until[who] - _ROOM - np.maximum(journeys.visit[where], 0)
    start[where] = year.draw(journeys.profile[where], people.seen_from[who], latest, luck[where])
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


def _clashes_again(journeys: Journeys, moved: Flags) -> Flags:
    """Look at the people of whom a journey moved; those of others did not meet and still do not."""
    crowded = np.zeros(journeys.person.max(initial=-1) + 1, bool)
    crowded[journeys.person[moved]] = True
    rows = np.flatnonzero(crowded[journeys.person])
    clashing = np.zeros(len(moved), bool)
    clashing[rows] = _clashes(journeys.taken(rows))
    return clashing


def _running_end(person: Ints, end: Ints) -> Ints:
    """Give the latest end so far of each person, rows being sorted by person and start."""
    # Adding a step for each person lets one running maximum serve all of them.
    step = (person.astype(np.int64) - person.min(initial=0)) * (int(end.max(initial=0)) + 1)
    return np.maximum.accumulate(end + step) - step


def _lined_up(people: People, journeys: Journeys) -> Journeys:
    """Give the journeys that still meet equal slots of the longest time their person is free."""
    lined = replace(
        journeys,
        start=journeys.start.copy(),
        nights=journeys.nights.copy(),
        length=journeys.length.copy(),
        visit=journeys.visit.copy(),
    )
    for person in np.unique(journeys.person[_clashes(journeys)]):
        of_person = journeys.person == person
        rows = np.flatnonzero(of_person & ~journeys.fixed)
        if len(rows):
            since, until = _longest_gap(people, lined, int(person))
            if until - since < len(rows) * _ROOM:
                _shorten(people, lined, np.flatnonzero(of_person & journeys.fixed))
                since, until = _longest_gap(people, lined, int(person))
            _fill(lined, rows[np.argsort(journeys.start[rows], kind="stable")], since, until)
    return lined


def _shorten(people: People, journeys: Journeys, kept: Ints) -> None:
    """Let the stays that cannot move take half of what is left to be seen of the person, at the most.

    Only a newborn who has been in hospital ever since, and yet must come for something else, needs that.
    """
    half = (people.seen_until[journeys.person[kept]] - journeys.start[kept]) // (2 * DAY)
    journeys.nights[kept] = np.minimum(journeys.nights[kept], np.maximum(2, half))


def _longest_gap(people: People, journeys: Journeys, person: int) -> tuple[int, int]:
    """Give the longest time between what cannot move, within the presence of a person."""
    kept = np.flatnonzero((journeys.person == person) & journeys.fixed)
    starts = [*np.sort(journeys.start[kept]).tolist(), int(people.seen_until[person])]
    ends = [int(people.seen_from[person]), *np.sort(end_of(journeys)[kept]).tolist()]
    gaps = [(end + _BETWEEN, start - _BETWEEN) for end, start in zip(ends, starts, strict=True)]
    return max(gaps, key=lambda gap: gap[1] - gap[0])


def _fill(journeys: Journeys, rows: Ints, since: int, until: int) -> None:
    """Spread journeys over the office hours between two instants, each short enough for the next one."""
    hours = _office_hours(since, until)
    if len(hours) < len(rows):
        hours = since + np.arange(len(rows)) * max(2 * _BETWEEN, (until - since) // len(rows))
    start = hours[np.arange(len(rows)) * len(hours) // len(rows)]
    journeys.start[rows] = start
    left = np.append(start[1:], max(until, start[-1] + 2 * _BETWEEN)) - start - _BETWEEN
    nights, length, visit = journeys.nights[rows], journeys.length[rows], journeys.visit[rows]
    journeys.nights[rows] = np.where(nights == NONE, NONE, np.minimum(nights, np.maximum(0, left // DAY - 1)))
    shortest = np.maximum(_BETWEEN, left // 2 - _BETWEEN)
    journeys.visit[rows] = np.where(visit == NONE, NONE, np.minimum(visit, shortest))
    after = left - np.where(visit == NONE, 0, journeys.visit[rows] + TO_THE_WARD)
    journeys.length[rows] = np.minimum(np.where(length == NONE, 4 * HOUR, length), after)


def _office_hours(since: int, until: int) -> Ints:
    """Give the beginnings of the half-days of work between two instants."""
    first, last = (int(day) // DAY for day in wall(np.array([since, until])))
    days = np.arange(first, last + 1)
    days = days[(days + _THURSDAY) % 7 < _SATURDAY]
    hours = utc((days[:, None] * DAY + np.array(_HALF_DAYS)).ravel())
    return hours[(hours >= since) & (hours <= until - _ROOM)]

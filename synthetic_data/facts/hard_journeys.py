"""The journeys of the hard cases: exact stays at exact instants, taken from the planned stays of the others.

Whoever has a scripted journey gets none by chance, so that nothing can meet it; the number of stays, their
diagnoses and their nights stay what they were.
"""

from dataclasses import dataclass

import numpy as np

from synthetic_data.facts.chance import Dice, Floats
from synthetic_data.facts.clock import DAY, HOUR, clock_changes, utc, wall
from synthetic_data.facts.diagnoses import SESSIONS, starting_with
from synthetic_data.facts.journeys import NONE, Journeys
from synthetic_data.facts.people import People
from synthetic_data.facts.volumes import share
from synthetic_data.plan import HospitalPlan
from synthetic_data.templating.columns import Flags, Ints

MANY = "sejours_nombreux"
SPRING, AUTUMN, LAST_MINUTE, DYING = (
    "nuit_de_printemps",
    "nuit_d_automne",
    "derniere_minute",
    "deces_a_l_hopital",
)
_SCRIPTED = (MANY, SPRING, AUTUMN, LAST_MINUTE, DYING)
_ABSENT = "aucun_sejour"
MOST_STAYS = 400
_MOST_STAYS_FROM = 9000  # patients; in a smaller hospital they would be too much of a block
_MOST_NIGHTS = 6
_MARGIN = 10 * DAY
_SUNDAY, _FIRST_WEEKDAY = 6, 3  # 1970-01-01 was a Thursday
_MORNING, _AFTERNOON = 7 * HOUR, 13 * HOUR + 30


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """`possible`: what each of `people` may come for, shape (diagnoses, people)."""

    people: Ints
    possible: Floats


def set_aside(people: People, possible: Floats) -> tuple[Script, Floats]:
    """Take those who follow a script, and merged duplicates, out of what is given by chance."""
    scripted = people.cast.of(*_SCRIPTED)
    outside = np.concatenate([scripted, people.cast.of(_ABSENT), np.flatnonzero(people.same_as != NONE)])
    script = Script(scripted, possible[:, scripted].copy())
    left = possible.copy() if len(outside) else possible
    left[:, outside] = 0.0
    return script, left


def played(rng: Dice, plan: HospitalPlan, people: People, script: Script, planned: Journeys) -> Journeys:
    """Give the scripted stays, taken from planned ones that are free to move."""
    stage = _Stage(rng, people, script, planned)
    for part, start in _exact_starts(plan, people).items():
        stage.one_stay(part, start)
    for person in people.cast.of(DYING):
        stage.last_stay(int(person))
    for person in people.cast.of(MANY):
        stage.many_stays(plan, int(person))
    return stage.journeys


def _exact_starts(plan: HospitalPlan, people: People) -> dict[str, int]:
    """Give when the scripted stays of one night or more begin, for the parts whose moment is in the year."""
    starts = {}
    for change, summer in clock_changes(plan.start_minute + _MARGIN, plan.now_minute - _MARGIN):
        starts[SPRING if summer else AUTUMN] = change - 10 * HOUR
    eve = _last_minute(plan)
    if eve is not None:
        starts[LAST_MINUTE] = eve
    return {part: start for part, start in starts.items() if len(people.cast.of(part))}


def _last_minute(plan: HospitalPlan) -> int | None:
    """Give 31 December, 23:59 in Paris, of the year of hospital activity."""
    year = plan.now.year
    for day in (np.datetime64(f"{one}-12-31", "D").astype(np.int64) for one in (year, year - 1)):
        minute = int(utc(np.array([day * DAY + DAY - 1]))[0])
        if plan.start_minute <= minute < plan.now_minute:
            return minute
    return None


class _Stage:
    """Planned stays, some of which are given to those who follow a script."""

    def __init__(self, rng: Dice, people: People, script: Script, planned: Journeys) -> None:
        """Start from stays that are all as drawn."""
        self._rng, self._people, self._script = rng, people, script
        self.journeys = planned.taken(np.arange(len(planned.start))) if len(script.people) else planned

    def one_stay(self, part: str, start: int) -> None:
        """Give one stay with nights that begins at an exact minute."""
        for person in self._people.cast.of(part):
            for row in self._free(int(person), self.journeys.nights > 0)[:1]:
                self._give(int(person), row, start)

    def last_stay(self, person: int) -> None:
        """Give the stay in which a person dies."""
        for row in self._free(person, self.journeys.nights > 0)[:1]:
            death = int(self._people.death[person])
            self._give(person, row, death - int(self.journeys.nights[row]) * DAY + 5 * HOUR)
            self.journeys.final[row] = death

    def many_stays(self, plan: HospitalPlan, person: int) -> None:
        """Give up to 400 stays by day: sessions of dialysis and chemotherapy first."""
        rows = self._free(person, self.journeys.nights == 0)
        session = starting_with(*SESSIONS)[self.journeys.diagnosis[rows]]
        rows = rows[np.argsort(~session, kind="stable")][: _most_stays(plan)]
        starts, lengths = _sessions(self._rng, plan, len(rows))
        self._give(person, rows, starts)
        self.journeys.length[rows] = lengths

    def _free(self, person: int, chosen: Flags) -> Ints:
        """Give, in random order, the stays that may move and that the person may have."""
        mine = self._script.possible[:, np.flatnonzero(self._script.people == person)[0]] > 0
        free = chosen & ~self.journeys.fixed & (self.journeys.nights <= _MOST_NIGHTS)
        free &= mine[self.journeys.diagnosis]
        return self._rng.permutation(np.flatnonzero(free))

    def _give(self, person: int, rows: Ints, start: Ints | int) -> None:
        self.journeys.person[rows] = person
        self.journeys.start[rows] = start
        self.journeys.fixed[rows] = True


def _most_stays(plan: HospitalPlan) -> int:
    if plan.patients >= _MOST_STAYS_FROM:
        return MOST_STAYS
    return min(MOST_STAYS, share("sejours", plan.patients, 0) // 4)


def _sessions(rng: Dice, plan: HospitalPlan, count: int) -> tuple[Ints, Ints]:
    """Give starts and lengths of sessions spread over the year: mornings but Sundays, then afternoons too."""
    first, last = (int(day) // DAY for day in wall(np.array([plan.start_minute, plan.now_minute])))
    days = np.arange(first + 1, last)
    days = days[(days + _FIRST_WEEKDAY) % 7 != _SUNDAY]
    mornings = days[np.linspace(0, len(days) - 1, min(count, len(days))).astype(np.int64)]
    afternoons = days[np.linspace(0, len(days) - 1, count - len(mornings)).astype(np.int64)]
    walls = np.concatenate([mornings * DAY + _MORNING, afternoons * DAY + _AFTERNOON])
    return utc(walls + rng.integers(0, 46, count)), rng.integers(200, 281, count)

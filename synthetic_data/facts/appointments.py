"""Appointments of the consultations, those that did not take place, those to come, and the free slots."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.calendar import CONSULTATIONS, PROFILES, day_weight
from synthetic_data.facts.chance import Dice, dice
from synthetic_data.facts.clock import DAY, HOUR, utc, wall
from synthetic_data.facts.episodes import CONSULTATION, Episodes
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.people import NEVER, People
from synthetic_data.plan import HospitalPlan
from synthetic_data.templating.columns import Flags, Ints

STATUSES = ("fulfilled", "arrived", "noshow", "cancelled", "booked")
FULFILLED, ARRIVED, MISSED, CANCELLED, BOOKED = range(len(STATUSES))
LENGTHS = np.array([30, 20])  # minutes of a first appointment and of a follow-up
# Shares of the consultations (illustrative): a patient who does not come, a cancellation, a booking to come.
_MISSED, _CANCELLED, _BOOKED = 0.035, 0.045, 0.06
_BY_PATIENT = 0.7  # of the cancellations
_FREE = 0.03  # free slots for each patient of the block
_STEP, _LONGEST_WAIT = 5, 15
_WEEK = 7 * DAY
HORIZON = 60 * DAY  # how far ahead appointments are taken


@dataclass(frozen=True, slots=True, eq=False)
class Appointments:
    """One row for each appointment: those of the consultations first, in order, then the others.

    `episode`: row of the consultation, NONE when there is none; `start`, `end`, `created`: minutes since
    1970; `status`: rank in `STATUSES`; `follow_up`: not the first of the person in that unit; `by_patient`:
    cancelled by the patient; `slot`: rank of its slot, NONE when cancelled. `free_unit`, `free_start`: the
    slots that nobody took, after the others.
    """

    episode: Ints
    person: Ints
    unit: Ints
    doctor: Ints
    diagnosis: Ints
    start: Ints
    end: Ints
    created: Ints
    status: Ints
    follow_up: Flags
    by_patient: Flags
    slot: Ints
    free_unit: Ints
    free_start: Ints

    def __len__(self) -> int:
        """Give the number of appointments."""
        return len(self.person)


def draw_appointments(
    plan: HospitalPlan, block: int, people: People, episodes: Episodes, doctors: Ints
) -> Appointments:
    """Draw the appointments of a block; those without a consultation resemble one that took place."""
    rng = dice(plan.seed, "appointments", block)
    seen = np.flatnonzero(episodes.kind == CONSULTATION)
    models, start, status = _others(rng, plan, people, episodes, seen)
    row = np.concatenate([seen, models])
    person, unit = episodes.person[row], episodes.unit[row]
    wait = rng.integers(0, _LONGEST_WAIT, len(seen))
    start = np.concatenate([_rounded(episodes.start[seen] - wait), start])
    start = np.maximum(start, np.where(people.newborn[person], people.seen_from[person], 0))
    status = np.concatenate([np.where(episodes.ended[seen], FULFILLED, ARRIVED), status])
    follow_up = _follow_up(person, unit, start)
    free = _future(rng, plan, episodes.start, _picked(rng, seen, _FREE * len(people)), 2)
    kept = status != CANCELLED
    return Appointments(
        episode=np.concatenate([seen, np.full(len(models), NONE)]),
        person=person,
        unit=unit,
        doctor=doctors[row],
        diagnosis=episodes.diagnosis[row],
        start=start,
        end=start + LENGTHS[follow_up.astype(np.int64)],
        created=_created(rng, plan, people, person, start),
        status=status,
        follow_up=follow_up,
        by_patient=(status == CANCELLED) & (rng.random(len(row)) < _BY_PATIENT),
        slot=np.where(kept, np.cumsum(kept) - 1, NONE),
        free_unit=episodes.unit[free[0]],
        free_start=free[1],
    )


def _others(
    rng: Dice, plan: HospitalPlan, people: People, episodes: Episodes, seen: Ints
) -> tuple[Ints, Ints, Ints]:
    """Give the model, start and status of the appointments without a consultation."""
    missed = _past(rng, plan, people, episodes, _picked(rng, seen, _MISSED * len(seen)))
    cancelled = _past(rng, plan, people, episodes, _picked(rng, seen, _CANCELLED * len(seen)))
    alive = seen[people.death[episodes.person[seen]] == NEVER]
    booked = _future(rng, plan, episodes.start, _picked(rng, alive, _BOOKED * len(seen)), 8)
    parts = ((missed, MISSED), (cancelled, CANCELLED), (booked, BOOKED))
    return (
        np.concatenate([models for (models, _), _ in parts]),
        np.concatenate([start for (_, start), _ in parts]),
        np.concatenate([np.full(len(models), status) for (models, _), status in parts]),
    )


def _picked(rng: Dice, rows: Ints, wanted: float) -> Ints:
    return rng.permutation(rows)[: round(wanted)]


def _past(
    rng: Dice, plan: HospitalPlan, people: People, episodes: Episodes, models: Ints
) -> tuple[Ints, Ints]:
    """Move appointments by some weeks inside the part of the year in which the person can be seen."""
    weeks = rng.integers(1, 13, len(models)) * rng.choice((-1, 1), len(models))
    start = _rounded(_moved(episodes.start[models], weeks))
    person = episodes.person[models]
    inside = (start >= people.seen_from[person]) & (start + HOUR <= people.seen_until[person])
    kept = inside & (start + HOUR <= plan.now_minute) & _open(start)
    return models[kept], start[kept]


def _future(rng: Dice, plan: HospitalPlan, starts: Ints, models: Ints, weeks: int) -> tuple[Ints, Ints]:
    """Move appointments to one of the next weeks, same weekday and hour; none falls on a holiday."""
    now = plan.now_minute
    ahead = (now - starts[models]) // _WEEK + 1
    start = _rounded(_moved(starts[models], ahead + rng.integers(0, weeks, len(models))))
    kept = (start > now) & (start < now + HORIZON - HOUR) & _open(start)
    return models[kept], start[kept]


def _moved(start: Ints, weeks: Ints) -> Ints:
    return utc(wall(start) + weeks * _WEEK)


def _rounded(minutes: Ints) -> Ints:
    return minutes // _STEP * _STEP


def _open(start: Ints) -> Flags:
    """Tell which instants fall on a day with consultations."""
    days, place = np.unique(wall(start) // DAY, return_inverse=True)
    return np.array([_weight(int(day)) > 0 for day in days], bool)[place]


@cache
def _weight(day: int) -> float:
    return day_weight(PROFILES[CONSULTATIONS], day)


def _follow_up(person: Ints, unit: Ints, start: Ints) -> Flags:
    """Tell which appointments are not the first of their person in that unit."""
    order = np.lexsort((start, unit, person))
    again = np.zeros(len(order), bool)
    same = (person[order][1:] == person[order][:-1]) & (unit[order][1:] == unit[order][:-1])
    again[order[1:][same]] = True
    return again


def _created(rng: Dice, plan: HospitalPlan, people: People, person: Ints, start: Ints) -> Ints:
    """Give when each appointment was taken: in office hours, days to months before, never before birth."""
    lead = np.clip(np.exp(3.2 + 0.8 * rng.standard_normal(len(start))), 1, 180).astype(np.int64)
    latest = np.minimum(start, plan.now_minute)
    day = wall(latest) // DAY - lead
    taken = utc(day * DAY + rng.integers(8 * HOUR, 18 * HOUR, len(start)))
    born = np.where(people.newborn[person], people.seen_from[person], 0)
    return np.minimum(latest, np.maximum(born, taken))

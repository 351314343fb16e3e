"""Hospital stays: diagnosis, unit, nights, discharge."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import exp, log
from random import Random

from synthetic_data.clock import at, local
from synthetic_data.diagnoses import Diagnosis, draw_birth, draw_diagnosis
from synthetic_data.episode import HOUR, MINUTE, Episode, Slot
from synthetic_data.population import Person
from synthetic_data.rhythm import draw_moment
from synthetic_data.structures import unit_for

_DAY_CLOSES = 20


def draw_stay(
    rng: Random, person: Person, slot: Slot, taken: frozenset[str], *, overnight: bool = False
) -> Episode:
    """Draw a planned stay inside its slot; `overnight` excludes day hospital."""
    start = draw_moment(rng, "admissions", slot.earliest, slot.latest - 12 * HOUR)
    diagnosis = draw_diagnosis(rng, "sejour", person.sex, person.age(start), person.health, taken)
    by_day = rng.random() < diagnosis.day_share and not overnight
    nights = 0 if by_day else _nights(rng, diagnosis)
    return _stay(person, start, _discharge(rng, start, nights), diagnosis, slot, day_hospital=by_day)


def draw_admission(rng: Random, visit: Episode, slot: Slot) -> Episode:
    """Draw the stay that follows an emergency visit, for the same diagnosis, at least one night long."""
    start = (visit.end or slot.earliest) + 15 * MINUTE  # a draft visit always has an end
    nights = _nights(rng, visit.diagnosis)
    stay = _stay(
        visit.person, start, _discharge(rng, start, nights), visit.diagnosis, slot, day_hospital=False
    )
    return replace(stay, origin=visit.unit)


def draw_birth_stay(rng: Random, person: Person, slot: Slot) -> Episode:
    """Draw the stay in which a baby is born; it begins with life itself."""
    diagnosis = draw_birth(rng)
    start = slot.earliest
    return _stay(
        person,
        start,
        _discharge(rng, start, _nights(rng, diagnosis)),
        diagnosis,
        slot,
        day_hospital=False,
    )


def dying(stay: Episode, death: datetime) -> Episode:
    """Give the same stay, ended by the death of the patient."""
    return replace(stay, end=death, outcome="deces")


def _nights(rng: Random, diagnosis: Diagnosis) -> int:
    """Draw the nights of a full stay, at least one: log-normal around the median of the diagnosis."""
    return max(1, round(exp(rng.gauss(log(diagnosis.nights), 0.6))))


def _discharge(rng: Random, start: datetime, nights: int) -> datetime:
    """Draw the planned end: the same afternoon, or between 10 h and 17 h after the nights."""
    day = local(start).date()
    if nights == 0:
        closing = at(day, _DAY_CLOSES)
        return max(start + HOUR, min(start + rng.randint(180, 540) * MINUTE, closing))
    return at(day + timedelta(days=nights), rng.randint(10, 16), rng.randrange(60))


def _stay(
    person: Person,
    start: datetime,
    planned: datetime,
    diagnosis: Diagnosis,
    slot: Slot,
    *,
    day_hospital: bool,
) -> Episode:
    """Place a stay: still in progress when its slot runs to `now`, cut at the end of its slot otherwise."""
    in_progress = slot.running and planned > slot.latest
    end = min(planned, slot.latest - HOUR)
    usages = ("ambulatoire", "hospitalisation") if day_hospital else ("hospitalisation",)
    return Episode(
        kind="stay",
        person=person,
        start=start,
        end=None if in_progress else end,
        unit=unit_for(usages, diagnosis.code, person.sex, person.age(start)),
        diagnosis=diagnosis,
        outcome=None if in_progress else "domicile",
        day_hospital=day_hospital,
    )

"""The year of one person: where each stay, consultation and emergency visit falls, never two at once.

The year is cut into as many equal slots as there are episodes to place, and each episode lives inside its
slot; a visit that ends in admission shares its slot with the stay. Visits of the last 24 hours come after
all the slots.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from synthetic_data.activity import Activity
from synthetic_data.chance import dice
from synthetic_data.diagnoses import draw_diagnosis
from synthetic_data.episode import HOUR, MINUTE, Episode, Slot
from synthetic_data.plan import HospitalPlan
from synthetic_data.population import Person
from synthetic_data.rhythm import draw_moment
from synthetic_data.stays import draw_admission, draw_birth_stay, draw_stay, dying
from synthetic_data.structures import EMERGENCY_SITES, unit_for
from synthetic_data.tables import ADULT, proportion
from synthetic_data.visits import draw_site, draw_visit, is_admitted

RECENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class _Year:
    """What there is to place, and between which bounds."""

    person: Person
    now: datetime
    rng: Random
    kinds: tuple[str, ...]
    recent: tuple[Episode, ...]
    latest: datetime


def draw_episodes(plan: HospitalPlan, person: Person, activity: Activity, first_number: int) -> list[Episode]:
    """Draw all the episodes of a person, in time order, numbered from `first_number`."""
    year = _plan_year(plan.now, person, activity, dice(plan.seed, "episodes", person.index))
    drawn = [*_ordinary(year), *year.recent]
    return [replace(episode, number=number) for number, episode in enumerate(drawn, first_number)]


def _plan_year(now: datetime, person: Person, activity: Activity, rng: Random) -> _Year:
    """Choose the recent visits, which visits end in a stay, and the order of the rest."""
    recent = _recent(rng, person, activity, now) if activity.recent else []
    recent_visits = sum(episode.kind == "emergency" for episode in recent)
    stays = activity.stays - (len(recent) - recent_visits)
    visits = activity.visits - recent_visits
    admissions = min(stays, sum(is_admitted(rng, person, now) for _ in range(visits)))
    kinds = (
        ["admission"] * admissions
        + ["visit"] * (visits - admissions)
        + ["stay"] * (stays - admissions)
        + ["consultation"] * activity.consultations
    )
    rng.shuffle(kinds)
    if person.newborn and "stay" in kinds:
        kinds.remove("stay")
        kinds.insert(0, "birth")
    if person.death and "stay" in kinds and rng.random() < proportion("deces_a_l_hopital"):
        kinds.remove("stay")
        kinds.append("death")
    latest = recent[0].start - 2 * HOUR if recent else person.seen_until
    return _Year(person, now, rng, tuple(kinds), tuple(recent), latest)


def _recent(rng: Random, person: Person, activity: Activity, now: datetime) -> list[Episode]:
    """Draw the visit of the last 24 hours.

    For some, an earlier one at the other site comes before it; for some, a stay follows. Starts are denser
    near `now`, so that about a third of the visitors are still in the department.
    """
    start = now - MINUTE * round(10 + 1390 * rng.random() ** 2)
    site = draw_site(rng, person, start)
    before = start - MINUTE * rng.randint(240, 600)
    returns = activity.visits > 1 and rng.random() < proportion("urgences_retour_24h")
    admitted = activity.stays > 0 and is_admitted(rng, person, now)
    visit = draw_visit(rng, person, start, None, site, admitted=admitted)
    episodes = []
    if returns and before > now - RECENT + HOUR and person.age(now) >= ADULT:
        other = next(one for one in EMERGENCY_SITES if one != site)
        episodes.append(draw_visit(rng, person, before, start - HOUR, other, admitted=False))
    if visit.end is None or visit.end + HOUR > now:
        return [*episodes, replace(visit, end=None, outcome=None)]
    episodes.append(visit)
    if admitted:
        episodes.append(draw_admission(rng, visit, Slot(visit.end, now, running=True)))
    return episodes


def _ordinary(year: _Year) -> Iterator[Episode]:
    """Give the episodes of the slots, in order."""
    taken: frozenset[str] = frozenset()
    for kind, slot in zip(year.kinds, _slots(year), strict=True):
        for episode in _DRAW[kind](year, slot, taken):
            taken |= {episode.diagnosis.code}
            yield episode


def _slots(year: _Year) -> Iterator[Slot]:
    """Cut the year; only the last slot of a living patient without a recent visit runs to `now`.

    Nothing to place gives no slot: that is why the bounds may be fewer than the ends below.
    """
    count = len(year.kinds)
    minutes = int((year.latest - year.person.seen_from).total_seconds() // 60)
    bounds = [year.person.seen_from + MINUTE * (minutes * rank // count) for rank in range(count)]
    for earliest, latest in zip(bounds, [*bounds[1:], year.latest], strict=False):
        yield Slot(earliest, latest, running=latest == year.now)


def _visit(year: _Year, slot: Slot, _taken: frozenset[str]) -> list[Episode]:
    """Place a visit that ends at home; it must have begun before the last 24 hours."""
    start = _visit_start(year, slot, room=8 * HOUR)
    site = draw_site(year.rng, year.person, start)
    return [draw_visit(year.rng, year.person, start, slot.latest - HOUR, site, admitted=False)]


def _admission(year: _Year, slot: Slot, _taken: frozenset[str]) -> list[Episode]:
    """Place a visit and the stay that follows it."""
    start = _visit_start(year, slot, room=36 * HOUR)
    site = draw_site(year.rng, year.person, start)
    visit = draw_visit(year.rng, year.person, start, slot.latest - 24 * HOUR, site, admitted=True)
    return [visit, draw_admission(year.rng, visit, slot)]


def _visit_start(year: _Year, slot: Slot, room: timedelta) -> datetime:
    before_recent = year.now - RECENT - MINUTE
    return draw_moment(year.rng, "urgences", slot.earliest, min(slot.latest - room, before_recent))


def _planned_stay(year: _Year, slot: Slot, taken: frozenset[str]) -> list[Episode]:
    return [draw_stay(year.rng, year.person, slot, taken)]


def _birth(year: _Year, slot: Slot, _taken: frozenset[str]) -> list[Episode]:
    return [draw_birth_stay(year.rng, year.person, slot)]


def _last_stay(year: _Year, slot: Slot, taken: frozenset[str]) -> list[Episode]:
    """Place the stay during which the patient dies, in the last fortnight of life."""
    late = Slot(max(slot.earliest, slot.latest - timedelta(days=14)), slot.latest)
    return [dying(draw_stay(year.rng, year.person, late, taken, overnight=True), slot.latest)]


def _consultation(year: _Year, slot: Slot, taken: frozenset[str]) -> list[Episode]:
    """Place a consultation of 15 to 45 minutes."""
    person, rng = year.person, year.rng
    start = draw_moment(rng, "consultations", slot.earliest, slot.latest - HOUR)
    age = person.age(start)
    diagnosis = draw_diagnosis(rng, "consultation", person.sex, age, person.health, taken)
    unit = unit_for(("consultation",), diagnosis.code, person.sex, age)
    end = start + MINUTE * rng.randint(15, 45)
    return [Episode("consultation", person, start, end, unit, diagnosis, outcome="domicile")]


_DRAW: dict[str, Callable[[_Year, Slot, frozenset[str]], list[Episode]]] = {
    "admission": _admission,
    "birth": _birth,
    "consultation": _consultation,
    "death": _last_stay,
    "stay": _planned_stay,
    "visit": _visit,
}

"""The encounters of a block: the exact activity of its patients, placed in the year, in order."""

from dataclasses import dataclass, replace

import numpy as np

from synthetic_data.facts import births as newborns
from synthetic_data.facts.calendar import ADMISSIONS, CONSULTATIONS, year_of
from synthetic_data.facts.chance import Dice, Floats, dice, draw, strata
from synthetic_data.facts.clock import DAY, age_at
from synthetic_data.facts.diagnoses import SESSIONS, affinity, starting_with, weights
from synthetic_data.facts.emergencies import make_recent, visits
from synthetic_data.facts.hard_journeys import played, set_aside
from synthetic_data.facts.journeys import NONE, Journeys, end_of, stay_start
from synthetic_data.facts.nights import by_day, draw_nights
from synthetic_data.facts.people import NEVER, People
from synthetic_data.facts.placing import place
from synthetic_data.facts.units import EMERGENCY, unit_for
from synthetic_data.facts.visitors import receivers, use_of_hospital
from synthetic_data.facts.volumes import share
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import proportion
from synthetic_data.templating.columns import Flags, Ints

STAY, CONSULTATION, EMERGENCY_VISIT = range(3)
_SERIES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Episodes:
    """One row for each encounter, by person then start; times are minutes since 1970.

    `kind`: STAY, CONSULTATION or EMERGENCY_VISIT; `person`: rank in the block; `end`: the planned one, known
    to have come only when `ended`; `unit`, `diagnosis`, `motive` (NONE without): ranks in their tables;
    `outcome`: of a visit (rank in urgences_sorties.csv) or NONE; `nights`: of a stay, 0 for a day hospital,
    NONE otherwise; `origin`: row of the emergency visit a stay comes from, or NONE; `dies`: ends in death.
    `mother`: for each person, see `Births`.
    """

    kind: Ints
    person: Ints
    start: Ints
    end: Ints
    ended: Flags
    unit: Ints
    diagnosis: Ints
    motive: Ints
    outcome: Ints
    nights: Ints
    origin: Ints
    dies: Flags
    mother: Ints

    def __len__(self) -> int:
        """Give the number of encounters."""
        return len(self.kind)


def draw_episodes(plan: HospitalPlan, block: int, people: People) -> Episodes:
    """Draw and place all the encounters of a block."""
    rng = dice(plan.seed, "episodes", block)
    stays = share("sejours", plan.patients, block)
    visit_count = share("urgences", plan.patients, block)
    consultation_count = share("consultations", plan.patients, block)
    born = newborns.births(rng, people, min(stays // 2, share("naissances", plan.patients, block)))
    use = use_of_hospital(rng, people)
    script, possible = set_aside(people, affinity(people))
    urgent = visits(rng, people, use, possible, visit_count, stays - len(born.journeys.start))
    if plan.recent:
        wanted = round(plan.recent * len(people))
        urgent = make_recent(rng, people, urgent, plan.now_minute, wanted, born.journeys.person)
    # People who come to the emergency department are sicker: they have more planned stays too.
    sicker = use * (1 + np.bincount(urgent.person, minlength=len(people)))
    planned_count = stays - len(born.journeys.start) - int((urgent.nights != NONE).sum())
    planned = _planned(rng, possible * sicker, planned_count)
    seen = _consultations(rng, possible * use_of_hospital(rng, people), consultation_count)
    planned = played(dice(plan.seed, "hard cases", block), plan, people, script, _dying(rng, people, planned))
    journeys = Journeys.all_of([born.journeys, urgent, planned, seen])
    placed = place(rng, year_of(plan.start_minute, plan.now_minute), people, journeys)
    return _encounters(plan, people, placed, born.mother)


def _planned(rng: Dice, chances: Floats, count: int) -> Journeys:
    law = weights("sejour")
    # Sessions come in series: those who have some have many.
    sessions = starting_with(*SESSIONS)
    chances = chances.copy()
    chances[sessions] **= _SERIES
    person, diagnosis = receivers(rng, draw(law, strata(rng, count)), chances, law)
    nights = np.where(by_day(diagnosis, strata(rng, count)), 0, draw_nights(diagnosis, strata(rng, count)))
    return replace(
        Journeys.blank(person, ADMISSIONS, diagnosis),
        nights=nights,
        length=rng.integers(180, 541, count),
        leaves=rng.integers(10 * 60, 17 * 60, count),
    )


def _dying(rng: Dice, people: People, planned: Journeys) -> Journeys:
    """Let the last planned stay of some of the dying end with their death."""
    dying = people.death[planned.person] != NEVER
    _, last = np.unique(planned.person[::-1], return_index=True)
    rows = len(planned.person) - 1 - last
    rows = rows[dying[rows]]
    rows = rows[rng.random(len(rows)) < proportion("deces_a_l_hopital")]
    start, fixed, final, nights = (
        planned.start.copy(), planned.fixed.copy(), planned.final.copy(), planned.nights.copy()
    )  # fmt: skip
    death = people.death[planned.person[rows]]
    nights[rows] = np.maximum(1, nights[rows])
    presence = (death - people.seen_from[planned.person[rows]]) // DAY
    lasted = np.minimum(nights[rows], presence // 3) * DAY - rng.integers(60, 600, len(rows))
    start[rows], fixed[rows], final[rows] = death - lasted, True, death
    return replace(planned, start=start, fixed=fixed, final=final, nights=nights)


def _consultations(rng: Dice, chances: Floats, count: int) -> Journeys:
    law = weights("consultation")
    person, diagnosis = receivers(rng, draw(law, strata(rng, count)), chances, law)
    return replace(Journeys.blank(person, CONSULTATIONS, diagnosis), length=rng.integers(15, 46, count))


def _encounters(plan: HospitalPlan, people: People, journeys: Journeys, mother: Ints) -> Episodes:
    """Cut journeys into encounters and sort them."""
    visited, stayed = journeys.visit != NONE, journeys.nights != NONE
    simple = np.flatnonzero(~visited & ~stayed)
    first, second = np.flatnonzero(visited), np.flatnonzero(stayed)
    source = np.concatenate([simple, first, second])
    kind = np.repeat([CONSULTATION, EMERGENCY_VISIT, STAY], [len(simple), len(first), len(second)])
    person = journeys.person[source]
    staying = kind == STAY
    start = np.where(staying, stay_start(journeys)[source], journeys.start[source])
    visit_end = journeys.start[source] + journeys.visit[source]
    end = np.where(kind == EMERGENCY_VISIT, visit_end, end_of(journeys)[source])
    death = people.death[person]
    dies = staying & (end >= death)
    end = np.minimum(end, death)
    order = np.lexsort((start, person))
    place_of = np.empty(len(order), np.int64)
    place_of[order] = np.arange(len(order))
    visit_row = np.full(len(journeys.start), NONE)
    visit_row[first] = place_of[len(simple) : len(simple) + len(first)]
    origin = np.where(staying, visit_row[source], NONE)
    unit = _units(people, journeys, source, kind, start)
    none = np.full(len(source), NONE)
    columns = {
        "kind": kind,
        "person": person,
        "start": start,
        "end": end,
        "ended": end <= plan.now_minute,
        "unit": unit,
        "diagnosis": journeys.diagnosis[source],
        "motive": np.where(kind == EMERGENCY_VISIT, journeys.motive[source], none),
        "outcome": np.where(kind == EMERGENCY_VISIT, journeys.outcome[source], none),
        "nights": np.where(staying, journeys.nights[source], none),
        "origin": origin,
        "dies": dies,
    }
    return Episodes(**{name: column[order] for name, column in columns.items()}, mother=mother)


def _units(people: People, journeys: Journeys, source: Ints, kind: Ints, start: Ints) -> Ints:
    person, diagnosis = journeys.person[source], journeys.diagnosis[source]
    sex, age = people.sex[person], age_at(people.birth[person], start)
    by_day_only = (kind == STAY) & (journeys.nights[source] == 0)
    return np.select(
        [kind == CONSULTATION, kind == EMERGENCY_VISIT, by_day_only],
        [
            unit_for(("consultation",), diagnosis, sex, age),
            np.array(EMERGENCY)[np.maximum(journeys.site[source], 0)],
            unit_for(("ambulatoire", "hospitalisation"), diagnosis, sex, age),
        ],
        unit_for(("hospitalisation",), diagnosis, sex, age),
    )

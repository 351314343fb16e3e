"""What is prescribed at each encounter: by diagnosis, long-term diseases, age and sex (prescriptions.csv).

Long-term treatments are drawn once for each person, so that they stay the same all year; others are drawn at
each encounter. A medicine is never given against an allergy, a pregnancy or a disease that forbids it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.allergies import Allergies, ruled_out
from synthetic_data.facts.chance import Dice, Floats, dice
from synthetic_data.facts.clock import DAY, age_at
from synthetic_data.facts.diagnoses import CODES, RANK, starting_with
from synthetic_data.facts.episodes import CONSULTATION, EMERGENCY_VISIT, Episodes
from synthetic_data.facts.formulary import HABITS, MEDICINES, habits
from synthetic_data.facts.health import DISEASES, STATES, admitted
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.people import ELDEST, People
from synthetic_data.facts.pregnancies import pregnant
from synthetic_data.plan import HospitalPlan
from synthetic_data.templating.columns import Flags, Ints

VENUES = ("sejour", "jour", "urgence", "consultation")
WITH_NIGHTS, BY_DAY, URGENT, SEEN = range(len(VENUES))
ANY, PREGNANCY = "*", "grossesse"
_WITHOUT = 0.4  # of the consultations end without any prescription
_LATEST = 90  # minutes after the beginning by which the doctor has prescribed


@dataclass(frozen=True, slots=True, eq=False)
class Prescriptions:
    """One row for each prescription, by encounter then row of the table.

    `habit`: rank in prescriptions.csv; `venue`: rank in `VENUES`; `authored`, `until` (when it ends, as
    planned): minutes since 1970; `reason`: rank of a diagnosis, or NONE when the table words it.
    """

    episode: Ints
    habit: Ints
    venue: Ints
    authored: Ints
    until: Ints
    reason: Ints

    def __len__(self) -> int:
        """Give the number of prescriptions."""
        return len(self.episode)


@dataclass(frozen=True, slots=True, eq=False)
class _Context:
    """What decides, one row for each encounter. `forbidden`: (people, medicines), by allergy."""

    people: People
    episodes: Episodes
    venue: Ints
    sex: Ints
    age: Ints
    pregnant: Flags
    forbidden: Flags

    def having(self, words: tuple[str, ...], rows: Ints) -> Flags:
        """Tell which rows are in a state, or have now a diagnosis that starts with a code."""
        found = starting_with(*(word for word in words if word[0].isupper()))[self.episodes.diagnosis[rows]]
        for word in words:
            if word == PREGNANCY:
                found |= self.pregnant[rows]
            elif word in STATES:
                found |= self.people.health.state(word)[self.episodes.person[rows]]
        return found

    def long_ill(self, words: tuple[str, ...], rows: Ints) -> Flags:
        """Tell which rows are of people who have a long-term disease, by state or by code."""
        health = self.people.health
        found = health.having_any(tuple(word for word in words if word[0].isupper()))
        for word in words:
            found |= health.state(word)
        return found[self.episodes.person[rows]]


def draw_prescriptions(
    plan: HospitalPlan, block: int, people: People, episodes: Episodes, allergies: Allergies
) -> Prescriptions:
    """Draw the prescriptions of a block."""
    rng = dice(plan.seed, "prescriptions", block)
    context = _context(people, episodes, allergies)
    episode, habit = _chosen(rng, context)
    venue = context.venue[episode]
    authored = _authored(rng, plan, episodes, context.venue)[episode]
    days = np.array([one.days or 0 for one in habits()])[habit] * DAY
    in_hospital = (venue == WITH_NIGHTS) | (days == 0)
    until = np.where(in_hospital, episodes.end[episode], authored + days)
    until = np.minimum(until, people.death[episodes.person[episode]])
    reason = _reasons(context, episode, habit)
    return Prescriptions(episode, habit, venue, authored, until, reason)


def venues(episodes: Episodes) -> Ints:
    """Give the rank in `VENUES` of each encounter."""
    return np.select(
        [episodes.kind == CONSULTATION, episodes.kind == EMERGENCY_VISIT, episodes.nights == 0],
        [SEEN, URGENT, BY_DAY],
        WITH_NIGHTS,
    )


def _context(people: People, episodes: Episodes, allergies: Allergies) -> _Context:
    person = episodes.person
    return _Context(
        people=people,
        episodes=episodes,
        venue=venues(episodes),
        sex=people.sex[person],
        age=np.clip(age_at(people.birth[person], episodes.start), 0, ELDEST),
        pregnant=pregnant(episodes),
        forbidden=ruled_out(allergies, len(people)),
    )


def _authored(rng: Dice, plan: HospitalPlan, episodes: Episodes, venue: Ints) -> Ints:
    """Give when the doctor prescribes: early in a stay, later in a visit, near the end of a consultation."""
    length = np.maximum(0, np.minimum(episodes.end, plan.now_minute) - episodes.start)
    first, last = np.array([[0.1, 0.6], [0.1, 0.6], [0.3, 0.9], [0.5, 0.95]])[venue].T
    part = first + (last - first) * rng.random(len(venue))
    return episodes.start + (part * np.minimum(length, _LATEST)).astype(np.int64)


def _chosen(rng: Dice, context: _Context) -> tuple[Ints, Ints]:
    """Draw which habits each encounter leads to; those that share a `choix` exclude one another."""
    person = context.episodes.person
    groups: dict[str, tuple[Floats, Floats]] = {}
    parts = []
    for rank, (row, known) in enumerate(zip(HABITS, habits(), strict=True)):
        group = row["choix"] or f"{rank}"
        if group not in groups:
            drawn = rng.random(len(context.people) if known.long_term else len(person))
            groups[group] = (drawn[person] if known.long_term else drawn, np.zeros(len(person)))
        luck, used = groups[group]
        rows = _eligible(context, rank)
        share = float(row["part"])
        taken = rows[(luck[rows] >= used[rows]) & (luck[rows] < used[rows] + share)]
        used[rows] += share
        parts.append((taken, np.full(len(taken), rank)))
    episode, habit = (np.concatenate(column) for column in zip(*parts, strict=True))
    nothing = (context.venue == SEEN) & (rng.random(len(person)) < _WITHOUT)
    episode, habit = episode[~nothing[episode]], habit[~nothing[episode]]
    # Two rows of the table can give the same substance to the same encounter: the first one wins.
    _, first = np.unique(episode * len(MEDICINES) + _substances()[habit], return_index=True)
    episode, habit = episode[first], habit[first]
    order = np.lexsort((habit, episode))
    return episode[order], habit[order]


def _eligible(context: _Context, rank: int) -> Ints:
    """Give the encounters at which a habit applies."""
    law, medicine, episodes = law_of(rank), habits()[rank].medicine, context.episodes
    called = law.called[context.venue, episodes.diagnosis]
    if law.states and law.continued:
        ill = np.logical_or.reduce([context.people.health.state(state) for state in law.states])
        called |= (context.venue == WITH_NIGHTS) & ill[episodes.person]
    rows = np.flatnonzero(called)
    rows = rows[law.ages[context.sex[rows], context.age[rows]]]
    rows = rows[~context.forbidden[episodes.person[rows], medicine]]
    if law.terrain:
        rows = rows[context.long_ill(law.terrain, rows)]
    if law.against:
        rows = rows[~context.having(law.against, rows)]
    return rows


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """One row of the table, read. `called`: (venues, diagnoses); `ages`: (sexes, ages); `continued`: goes on
    in stays with nights of people in one of `states`.
    """  # noqa: D205 - one sentence

    called: Flags
    states: tuple[str, ...]
    continued: bool
    terrain: tuple[str, ...]
    against: tuple[str, ...]
    ages: Flags


@cache
def law_of(rank: int) -> Law:
    """Read one row of the table; the ages are those that its medicine admits too."""
    row, medicine = HABITS[rank], MEDICINES[habits()[rank].medicine]
    prefixes = row["diagnostics"].split()
    codes = np.ones(len(CODES), bool) if ANY in prefixes else starting_with(*prefixes)
    where = np.isin(VENUES, row["venues"].split())
    sexes, ages = (grid.ravel() for grid in np.meshgrid([0, 1], np.arange(ELDEST + 1), indexing="ij"))
    allowed = admitted(row, sexes, ages, ages) & (ages >= int(medicine["age_min"] or 0))
    return Law(
        called=where[:, None] & codes,
        states=tuple(row["etats"].split()),
        continued=bool(where[WITH_NIGHTS]),
        terrain=tuple(row["terrain"].split()),
        against=(*row["sauf"].split(), *medicine["contre_indications"].split()),
        ages=allowed.reshape(2, -1),
    )


@cache
def _substances() -> Ints:
    """Give a number for the substance of each habit, the same whatever its form."""
    codes = [MEDICINES[one.medicine]["atc"] for one in habits()]
    return np.unique(codes, return_inverse=True)[1]


def _reasons(context: _Context, episode: Ints, habit: Ints) -> Ints:
    """Give the diagnosis that a prescription is for: that of the encounter, else the long-term disease."""
    direct = np.array([ANY not in row["diagnostics"].split() for row in HABITS])
    called = np.array([law_of(rank).called.any(axis=0) for rank in range(len(HABITS))])
    diagnosis = context.episodes.diagnosis[episode]
    reason = np.where(direct[habit] & called[habit, diagnosis], diagnosis, NONE)
    diseases = _disease_of_state(context.people)
    person = context.episodes.person[episode]
    for rank in np.unique(habit[(reason == NONE) & direct[habit]]):
        rows = np.flatnonzero((habit == rank) & (reason == NONE))
        for state in law_of(int(rank)).states:
            known = diseases[state][person[rows]]
            reason[rows] = np.where(reason[rows] == NONE, known, reason[rows])
    return reason


def _disease_of_state(people: People) -> Mapping[str, Ints]:
    """Give, by state, the diagnosis of the disease that puts each person in it, or NONE."""
    found: dict[str, Ints] = {state: np.full(len(people), NONE) for state in STATES}
    for rank, row in enumerate(DISEASES):
        found[row["etat"]][people.health.diseases[:, rank]] = RANK[row["cim10"]]
    return found

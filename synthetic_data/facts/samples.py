"""Which samples are taken and what is ordered on them: shared exactly between the episodes of a block."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.analytes import RANK, TESTS, for_adults_only
from synthetic_data.facts.chance import Dice, Floats, dice, largest_remainder, ranks
from synthetic_data.facts.clock import DAY, age_at
from synthetic_data.facts.diagnoses import CODES, MOTIVES
from synthetic_data.facts.episodes import CONSULTATION, EMERGENCY_VISIT, Episodes
from synthetic_data.facts.health import STATES
from synthetic_data.facts.people import FEMALE, MALE, People
from synthetic_data.facts.volumes import share
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import ADULT, proportion, table
from synthetic_data.templating.columns import Flags, Ints

_TESTS_PER_SAMPLE = 12
_NIGHTS_COUNTED = 12  # later days of a long stay add no samples
_TESTS_BY_TRIAGE = np.array([0.0, 18.0, 16.0, 12.0, 4.0, 0.0])
_UNSUITABLE = 10_000.0  # comes after all the panels that suit
_OF_ONE_SEX = {"2857-1": MALE, "19080-1": FEMALE, "10334-1": FEMALE}


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """One row for each sample, by person then time.

    `episode`: row of the encounter; `taken`, `issued`: minutes since 1970; `tests`: (samples, tests of
    laboratoire.csv), what was ordered.
    """

    episode: Ints
    taken: Ints
    issued: Ints
    tests: Flags

    def __len__(self) -> int:
        """Give the number of samples."""
        return len(self.episode)


@dataclass(frozen=True, slots=True)
class Panel:
    """Tests ordered together; `reasons` are state names or CIM-10 prefixes, none means for anybody."""

    tests: tuple[int, ...]
    reasons: tuple[str, ...]
    weight: float


@cache
def panels() -> tuple[Panel, ...]:
    """Read the panels."""
    known = tuple(
        Panel(
            tuple(RANK[loinc] for loinc in row["analyses"].split()),
            tuple(row["indications"].split()),
            float(row["poids"]),
        )
        for row in table("bilans")
    )
    common = {test for panel in known if not panel.reasons for test in panel.tests}
    if len(common) <= _TESTS_PER_SAMPLE:
        raise ValueError(
            f"bilans.csv: expected over {_TESTS_PER_SAMPLE} tests without indication, got {len(common)}"
        )
    return known


@cache
def _listed() -> Ints:
    """Give the tests that some panel holds."""
    return np.unique([test for panel in panels() for test in panel.tests])


def draw_samples(plan: HospitalPlan, block: int, people: People, episodes: Episodes) -> Samples:
    """Share the laboratory acts of a block: most to long stays, few to consultations."""
    rng = dice(plan.seed, "samples", block)
    now = plan.now_minute
    until = np.minimum(episodes.end, now)
    wanted = largest_remainder(
        share("analyses", plan.patients, block), _needs(rng, episodes, until - episodes.start)
    )
    parts = -(-wanted // _TESTS_PER_SAMPLE)
    episode = np.repeat(np.arange(len(episodes)), parts)
    rank = np.arange(len(episode)) - np.repeat(np.cumsum(parts) - parts, parts)
    of = parts[episode]
    sizes = wanted[episode] // of + (rank < wanted[episode] % of)
    length = (until - episodes.start)[episode]
    moment = (rank + rng.uniform(0.2, 0.8, len(rank))) / of
    taken = episodes.start[episode] + (length * moment).astype(np.int64)
    issued = np.minimum(taken + rng.integers(45, 121, len(taken)), now)
    return Samples(episode, taken, issued, _ordered(rng, people, episodes, episode, sizes))


def _needs(rng: Dice, episodes: Episodes, length: Ints) -> Floats:
    """Weigh the episodes by how many tests they call for."""
    luck = rng.uniform(0.6, 1.4, len(episodes))
    drawn = rng.random(len(episodes)) < proportion("biologie_en_consultation")
    triage = np.array([int(row["tri"]) for row in MOTIVES])[np.maximum(episodes.motive, 0)]
    nights = np.minimum(_NIGHTS_COUNTED, length // DAY)
    return luck * np.select(
        [episodes.kind == CONSULTATION, episodes.kind == EMERGENCY_VISIT],
        [10.0 * drawn, _TESTS_BY_TRIAGE[triage]],
        8.0 + 7.0 * nights,
    )


def _ordered(rng: Dice, people: People, episodes: Episodes, episode: Ints, sizes: Ints) -> Flags:
    """Take whole panels, the heaviest most likely first, until each sample has its number of tests."""
    known, listed = panels(), _listed()
    waits = rng.exponential(1.0, (len(known), len(episode))) / np.array([[p.weight] for p in known])
    order = ranks(waits.T).T
    urgency = np.full((len(TESTS), len(episode)), np.inf)
    for rank, panel in enumerate(known):
        late = _UNSUITABLE * ~suits(people, episodes, panel)[episode]
        for place, test in enumerate(panel.tests):
            urgency[test] = np.minimum(urgency[test], 16.0 * order[rank] + place + late)
    person = episodes.person[episode]
    age = age_at(people.birth[person], episodes.start[episode])
    urgency[np.ix_(for_adults_only(), age < ADULT)] = np.inf
    for loinc, sex in _OF_ONE_SEX.items():
        urgency[RANK[loinc], people.sex[person] != sex] = np.inf
    ordered = np.zeros((len(episode), len(TESTS)), bool)
    ordered[:, listed] = ranks(urgency[listed].T) < sizes[:, None]
    return ordered


def suits(people: People, episodes: Episodes, panel: Panel) -> Flags:
    """Tell for which episodes a panel may be ordered."""
    if not panel.reasons:
        return np.ones(len(episodes), bool)
    suitable = np.array([code.startswith(panel.reasons) for code in CODES])[episodes.diagnosis]
    for reason in panel.reasons:
        if reason in STATES:
            suitable |= people.health.state(reason)[episodes.person]
    for code in {row["cim10"] for row in table("maladies")}:
        if code.startswith(panel.reasons):
            suitable |= people.health.having(code)[episodes.person]
    return suitable

"""What the laboratory found: values coherent with the patient, with one another and over time.

A value is its usual centre, moved by what belongs to the person for good, by a slow drift between samples
(an Ornstein-Uhlenbeck process, so that two samples of a day resemble each other more than two of a year) and
by the course of the stay.
"""

from dataclasses import dataclass

import numpy as np

from synthetic_data.facts.analytes import (
    CEILING,
    IS_FINDING,
    IS_LOG,
    OLDEST,
    PLACES,
    TESTS,
    findings,
    shifts,
    trends,
    usual,
)  # fmt: skip
from synthetic_data.facts.chance import Floats, dice
from synthetic_data.facts.clock import DAY, age_at
from synthetic_data.facts.derived import linked
from synthetic_data.facts.diagnoses import CODES
from synthetic_data.facts.episodes import STAY, Episodes
from synthetic_data.facts.health import STATES
from synthetic_data.facts.nights import cumulated
from synthetic_data.facts.people import People
from synthetic_data.facts.samples import Samples
from synthetic_data.plan import HospitalPlan
from synthetic_data.templating.columns import Flags, Ints

# Shares of the spread that belong to the person and to the moment: together they make one spread.
OWN, MOMENT = 0.8, 0.6
_MEMORY = 3 * DAY
_FOR_LIFE = np.array([row["loinc"] in ("883-9", "10331-7") for row in TESTS])  # blood group and rhesus
LOW, WITHIN, HIGH, UNRATED = range(4)


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """One row for each laboratory act, sample by sample in the order of laboratoire.csv.

    `scaled`: value times 10 ** decimals of the test; `range_of`: rank in `usual().ranges`; `rating`: LOW,
    WITHIN, HIGH or UNRATED. A finding (`is_finding`) has its rank among those of the test in `scaled`.
    """

    sample: Ints
    test: Ints
    scaled: Ints
    range_of: Ints
    rating: Ints
    is_finding: Flags

    def __len__(self) -> int:
        """Give the number of laboratory acts."""
        return len(self.sample)


def draw_results(
    plan: HospitalPlan, block: int, people: People, episodes: Episodes, samples: Samples
) -> Results:
    """Measure what was ordered."""
    rng = dice(plan.seed, "results", block)
    person = episodes.person[samples.episode]
    standing = rng.standard_normal((len(people), len(TESTS)), np.float32)
    noise = rng.standard_normal((len(samples), len(TESTS)), np.float32)
    moment = _drift(person, samples.taken, noise)
    deviation = OWN * standing[person] + MOMENT * moment + _course(episodes, samples)
    sex = people.sex[person]
    age = np.minimum(age_at(people.birth[person], samples.taken), OLDEST)
    centre, spread = _expected(people, episodes, samples, sex, age)
    values = centre + deviation * spread
    ordered = samples.tests & IS_LOG  # powers are dear: only those of what is printed
    values[ordered] = centre[ordered] * np.exp(deviation[ordered] * np.log(np.maximum(spread[ordered], 1e-9)))
    linked(values, samples.tests, sex, age)
    values[:, IS_FINDING] = np.where(_FOR_LIFE, standing[person], moment)[:, IS_FINDING]
    return _reported(samples, values, usual().range_of[sex, age])


def _drift(person: Ints, taken: Ints, noise: Floats) -> Floats:
    """Let each person's deviations follow one another; rows are sorted by person and time."""
    drift = noise
    new = np.concatenate([[True], person[1:] != person[:-1]]) if len(person) else np.empty(0, bool)
    first = np.maximum.accumulate(np.where(new, np.arange(len(person)), 0))
    rank = np.arange(len(person)) - first
    for step in range(1, int(rank.max(initial=0)) + 1):
        rows = np.flatnonzero(rank == step)
        kept = np.exp(-(taken[rows] - taken[rows - 1]) / _MEMORY)[:, None].astype(np.float32)
        drift[rows] = kept * drift[rows - 1] + np.sqrt(1 - kept**2) * drift[rows]
    return drift


def _course(episodes: Episodes, samples: Samples) -> Floats:
    """Give the part of the deviation that full stays begin with and lose day after day."""
    start, days = trends()
    moved = np.flatnonzero(start)
    full = (episodes.kind[samples.episode] == STAY) & (episodes.nights[samples.episode] > 0)
    since = (samples.taken - episodes.start[samples.episode])[:, None] / DAY
    course = np.zeros((len(samples), len(TESTS)), np.float32)
    course[:, moved] = full[:, None] * start[moved] * np.exp(-since / days[moved])
    return course


def _expected(
    people: People, episodes: Episodes, samples: Samples, sex: Ints, age: Ints
) -> tuple[Floats, Floats]:
    """Give what is usual for each sample, by sex and age, then by state and diagnosis."""
    known = usual()
    centre, spread = known.centre[sex, age], known.spread[sex, age]
    person = episodes.person[samples.episode]
    diagnosis = episodes.diagnosis[samples.episode]
    for shift in shifts():
        if shift.word in STATES:
            rows = people.health.state(shift.word)[person]
        else:
            rows = diagnosis == CODES.index(shift.word)
        centre[rows, shift.test], spread[rows, shift.test] = shift.centre, shift.spread
    return centre, spread


def _reported(samples: Samples, values: Floats, range_of: Ints) -> Results:
    """Keep what was ordered, as the laboratory prints it: at least the smallest value that can be printed.

    The values of findings are standard normal deviations, from which one is drawn.
    """
    sample, test = np.nonzero(samples.tests)
    is_finding = IS_FINDING[test]
    kept = np.minimum(values[sample, test], CEILING[test])
    scaled = np.maximum(1, np.rint(kept * np.power(10.0, PLACES[test]))).astype(np.int64)
    for one in np.unique(test[is_finding]):
        rows = np.flatnonzero(test == one)
        chance = cumulated(values[sample[rows], one])
        scaled[rows] = np.searchsorted(findings(int(one))[1][:-1], chance, side="right")
    ranges = range_of[sample, test]
    low, high = _bounds()
    rating = np.select(
        [
            is_finding | (np.isneginf(low[ranges]) & np.isposinf(high[ranges])),
            scaled < low[ranges],
            scaled > high[ranges],
        ],
        [UNRATED, LOW, HIGH],
        WITHIN,
    )
    return Results(sample, test, scaled, ranges, rating, is_finding)


def _bounds() -> tuple[Floats, Floats]:
    """Give the bounds of the reference ranges, scaled as the values are."""
    ranges = usual().ranges
    scale = np.array([10.0 ** PLACES[one.test] for one in ranges])
    low = np.array([-np.inf if one.low is None else one.low for one in ranges])
    high = np.array([np.inf if one.high is None else one.high for one in ranges])
    return np.round(low * scale, 6), np.round(high * scale, 6)

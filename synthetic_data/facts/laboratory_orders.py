"""What surrounds each laboratory sample: its order, its nature, its way, the comment on its results."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.analytes import IS_FINDING, RANK, TESTS, findings
from synthetic_data.facts.chance import dice
from synthetic_data.facts.episodes import Episodes
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.people import People
from synthetic_data.facts.results import HIGH, LOW, Results
from synthetic_data.facts.samples import Samples, panels, suits
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import table
from synthetic_data.templating.columns import Flags, Ints

NATURES = table("prelevements")
COMMENTS = table("labo_conclusions")
PANELS = tuple(row["bilan"] for row in table("bilans"))
_POSITIVE = "positif"
_RATINGS = 4
_NOTHING = len(COMMENTS)


@dataclass(frozen=True, slots=True, eq=False)
class LaboratoryOrders:
    """One row for each sample, in the same order.

    `written`, `received`: minutes since 1970; `nature`: rank in prelevements.csv; `panels`: (samples, rows of
    bilans.csv), what was asked for; `comment`: rank in labo_conclusions.csv, NONE when all is within range.
    """

    written: Ints
    received: Ints
    nature: Ints
    panels: Flags
    comment: Ints


def draw_laboratory_orders(
    plan: HospitalPlan, block: int, people: People, episodes: Episodes, samples: Samples, results: Results
) -> LaboratoryOrders:
    """Draw the orders of a block."""
    rng = dice(plan.seed, "laboratory orders", block)
    count = len(samples)
    written = np.maximum(episodes.start[samples.episode], samples.taken - rng.integers(5, 61, count))
    carried = (samples.issued - samples.taken) * rng.uniform(0.1, 0.5, count)
    return LaboratoryOrders(
        written=written,
        received=samples.taken + carried.astype(np.int64),
        nature=_nature(samples.tests),
        panels=_asked(people, episodes, samples),
        comment=_comment(results, count),
    )


def _nature(tests: Flags) -> Ints:
    """Give the kind of specimen that most tests of each sample need; the first one wins between equals."""
    counts: Ints = tests @ _needed()
    return counts.argmax(axis=1)


@cache
def _needed() -> Ints:
    """Tell which test needs which specimen, shape (tests, natures); `*` serves all that no other lists."""
    listed = [row["analyses"].split() for row in NATURES]
    needed = np.array([[row["loinc"] in of for of in listed] for row in TESTS], np.int64)
    needed[:, [of == ["*"] for of in listed]] = ~needed.any(axis=1, keepdims=True)
    return needed


def _asked(people: People, episodes: Episodes, samples: Samples) -> Flags:
    """Find panels that explain all the tests of each sample: whole ones first, then those cut short."""
    known = panels()
    suitable = [suits(people, episodes, panel)[samples.episode] for panel in known]
    asked = np.zeros((len(samples), len(known)), bool)
    left = samples.tests.copy()
    by_size = sorted(range(len(known)), key=lambda rank: -len(known[rank].tests))
    for whole in (True, False):
        for anybody in (False, True):
            for rank in by_size:
                tests = np.array(known[rank].tests)
                rows = left[:, tests].any(axis=1) & (suitable[rank] | anybody)
                if whole:
                    rows &= samples.tests[:, tests].all(axis=1)
                asked[:, rank] |= rows
                left[np.ix_(np.flatnonzero(rows), tests)] = False
    return asked


def _comment(results: Results, count: int) -> Ints:
    """Give the first comment of the table that one of the results of each sample calls for."""
    by_rating, by_finding = _comments()
    called = by_rating[results.test, results.rating]
    found = np.flatnonzero(results.is_finding)
    called[found] = by_finding[results.test[found], results.scaled[found]]
    first = np.full(count, _NOTHING)
    np.minimum.at(first, results.sample, called)
    return np.where(first == _NOTHING, NONE, first)


@cache
def _comments() -> tuple[Ints, Ints]:
    """Give the comment of each test by rating, and by rank of the finding; `_NOTHING` when there is none."""
    by_rating = np.full((len(TESTS), _RATINGS), _NOTHING)
    names = {test: findings(test)[0] for test in np.flatnonzero(IS_FINDING).tolist()}
    by_finding = np.full((len(TESTS), max(map(len, names.values()))), _NOTHING)
    for rank, row in reversed(list(enumerate(COMMENTS))):
        if row["sens"] == "POS":
            test = RANK[row["loinc"]]
            by_finding[test, names[test].index(_POSITIVE)] = rank
        else:
            tests = slice(None) if row["loinc"] == "*" else RANK[row["loinc"]]
            by_rating[tests, LOW if row["sens"] == "L" else HIGH] = rank
    return by_rating, by_finding

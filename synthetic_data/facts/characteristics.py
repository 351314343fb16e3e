"""The clinical characteristics of people, one row each: what an augmented cohort must reproduce."""

from collections.abc import Iterator, Mapping

import numpy as np

from synthetic_data.facts.analytes import PLACES, RANK
from synthetic_data.facts.block import Block
from synthetic_data.facts.cohorts import Cohort
from synthetic_data.facts.episodes import CONSULTATION, EMERGENCY_VISIT, STAY
from synthetic_data.facts.people import FEMALE, NEVER
from synthetic_data.facts.volumes import block_count
from synthetic_data.plan import HospitalPlan
from synthetic_data.templating.columns import Flags, Ints

Row = Mapping[str, str]
# Decimals are those of the laboratory; a value is the median of the year.
_MEASURES = {
    "hemoglobine_g_dl": "718-7",
    "creatinine_umol_l": "14682-9",
    "crp_mg_l": "1988-5",
    "leucocytes_g_l": "6690-2",
    "potassium_mmol_l": "2823-3",
    "hba1c_pct": "4548-4",
}


def cohort_rows(plan: HospitalPlan, cohort: Cohort, most: int) -> Iterator[Row]:
    """Give the characteristics of the first members of a cohort, as texts; empty when not known.

    Ages are in years, `nuits` are those of the year, measures in the unit of their name.
    """
    left = most
    for number in range(block_count(plan.patients)):
        if left <= 0:
            return
        block = Block(plan, number)
        members = np.flatnonzero(cohort.belongs(block))[:left]
        left -= len(members)
        columns = _columns(block)
        for member in members:
            yield {name: texts[member] for name, texts in columns.items()}


def _columns(block: Block) -> dict[str, list[str]]:
    people, episodes = block.people, block.episodes
    stays = episodes.kind == STAY
    nights = np.bincount(episodes.person[stays], episodes.nights[stays], len(people)).astype(np.int64)
    return {
        "age": _whole(people.age),
        "sexe": np.where(people.sex == FEMALE, "F", "M").tolist(),
        "maladies_chroniques": _whole(people.health.diseases.sum(axis=1)),
        "diabete": _yes(people.health.state("diabete")),
        "hypertension": _yes(people.health.state("hypertension")),
        "sejours": _whole(_count(block, stays)),
        "nuits": _whole(nights),
        "passages_urgences": _whole(_count(block, episodes.kind == EMERGENCY_VISIT)),
        "consultations": _whole(_count(block, episodes.kind == CONSULTATION)),
        "deces": _yes(people.death != NEVER),
        **{name: _medians(block, RANK[loinc]) for name, loinc in _MEASURES.items()},
    }


def _whole(values: Ints) -> list[str]:
    return [str(int(value)) for value in values]


def _yes(flags: Flags) -> list[str]:
    return ["oui" if flag else "non" for flag in flags]


def _count(block: Block, chosen: Flags) -> Ints:
    return np.bincount(block.episodes.person[chosen], minlength=len(block.people))


def _medians(block: Block, test: int) -> list[str]:
    """Give the median of a test for each person, empty for those who never had it."""
    rows = np.flatnonzero(block.results.test == test)
    person = block.episodes.person[block.samples.episode[block.results.sample[rows]]]
    order = np.lexsort((block.results.scaled[rows], person))
    values = block.results.scaled[rows][order] / 10 ** PLACES[test]
    count = np.bincount(person, minlength=len(block.people))
    first = np.cumsum(count) - count
    places = int(PLACES[test])
    return [
        f"{values[start + (size - 1) // 2]:.{places}f}" if size else ""
        for start, size in zip(first, count, strict=True)
    ]

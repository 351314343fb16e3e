"""The hard cases of a hospital: which patients, what is hard about them, and why it breaks applications."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.episodes import STAY
from synthetic_data.facts.hard_cast import TWINS
from synthetic_data.facts.hard_journeys import AUTUMN, DYING, LAST_MINUTE, MANY, SPRING
from synthetic_data.facts.journeys import NONE
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import table
from synthetic_data.templating.columns import Ints

MANY_ACTS = 1000


@dataclass(frozen=True, slots=True)
class HardCase:
    """`patients`: identifiers of Patient resources; a merge gives the survivor, then its duplicate."""

    name: str
    title_fr: str
    title_en: str
    patients: tuple[str, ...]
    why_fr: str
    why_en: str


def hard_cases(plan: HospitalPlan) -> list[HardCase]:
    """Give the hard cases that this hospital has, all in its first block; none in a very small one.

    A case that the year or the volumes leave no room for is not listed: a clock change in the first or last
    days, over 1,000 laboratory acts in a hospital of some hundreds of patients.
    """
    return cases_of(Block(plan, 0))


def cases_of(block: Block) -> list[HardCase]:
    """Give the hard cases of a block that is already there."""
    if block.number:
        return []
    cases = []
    for row in table("cas_difficiles"):
        people = _FOUND.get(row["cas"], _played(row["cas"]))(block)
        if len(people):
            cases.append(
                HardCase(
                    name=row["cas"],
                    title_fr=row["titre_fr"],
                    title_en=row["titre_en"],
                    patients=tuple(block.patient_ids(people).array.to_pylist()),
                    why_fr=row["pourquoi_fr"],
                    why_en=row["pourquoi_en"],
                )
            )
    return cases


def _played(part: str) -> Callable[[Block], Ints]:
    return lambda block: block.people.cast.of(part)


def _with_a_stay(part: str) -> Callable[[Block], Ints]:
    """Give who plays a part, if there was a stay to give."""

    def people(block: Block) -> Ints:
        played = block.people.cast.of(part)
        stayed = block.episodes.person[block.episodes.kind == STAY]
        return played[np.isin(played, stayed)]

    return people


def _twins(part: str) -> Callable[[Block], Ints]:
    """Give the mother, then the twins, if both were born in the hospital."""

    def people(block: Block) -> Ints:
        children = block.people.cast.of(part)
        mothers = block.episodes.mother[children]
        if not len(children) or mothers[0] == NONE or mothers[0] != mothers[1]:
            return children[:0]
        return np.concatenate([mothers[:1], children])

    return people


def _merged(block: Block) -> Ints:
    duplicates = np.flatnonzero(block.people.same_as != NONE)
    return np.column_stack([block.people.same_as[duplicates], duplicates]).ravel()


def _many_acts(block: Block) -> Ints:
    person = block.episodes.person[block.samples.episode[block.results.sample]]
    return np.flatnonzero(np.bincount(person, minlength=len(block.people)) > MANY_ACTS)


_FOUND: Mapping[str, Callable[[Block], Ints]] = {
    **{part: _with_a_stay(part) for part in (MANY, SPRING, AUTUMN, LAST_MINUTE, DYING)},
    **{part: _twins(part) for part in TWINS},
    "identite_fusionnee": _merged,
    "texte_tres_long": _played(MANY),
    "mille_analyses": _many_acts,
}

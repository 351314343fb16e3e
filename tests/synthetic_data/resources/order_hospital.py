"""The facts of some full blocks, for the rules that a hospital of 600 patients shows too rarely."""

from collections.abc import Iterator
from functools import cache

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.formulary import MEDICINES, habits
from synthetic_data.plan import END_OF_2023, HospitalPlan

YEAR = HospitalPlan(patients=450_000, now=END_OF_2023, recent=0)
SUBSTANCE = np.array([MEDICINES[one.medicine]["atc"] for one in habits()])


@cache
def full_blocks() -> tuple[Block, ...]:
    return tuple(Block(YEAR, number) for number in (3, 80, 200))


def prescribed(block: Block) -> Iterator[tuple[int, int, str]]:
    """Give the person, the encounter and the substance of each prescription."""
    made = block.prescriptions
    people = block.episodes.person[made.episode]
    yield from zip(people.tolist(), made.episode.tolist(), SUBSTANCE[made.habit].tolist(), strict=True)

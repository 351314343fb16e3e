"""A question to a FHIR server whose answer is known: a search, and the rows of a block that match it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.volumes import block_count
from synthetic_data.templating.columns import Flags, Ints, Plain

_MOST_LISTED = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """A search as it follows the base URL (`Patient?gender=female`).

    `rows` gives the ranks, in a block, of what matches; `ids` writes the identifiers of such ranks. The
    answer counts them, and lists them when they are 1,000 at most.
    """

    search: str
    rows: Callable[[Block], Ints]
    ids: Callable[[Block, Ints], Plain]

    @property
    def type(self) -> str:
        """Give the type of the resources asked for."""
        return self.search.partition("?")[0]

    def answer(self, block: Block) -> tuple[int, list[str]]:
        """Give the count and the identifiers that match in a block, none when they are too many to list.

        A block with many times its share of a list tells that the whole will be too long.
        """
        rows = self.rows(block)
        share = 4 * -(-_MOST_LISTED // block_count(block.plan.patients)) + 20
        return len(rows), self.ids(block, rows).array.to_pylist() if len(rows) <= share else []


def kept(count: int, ids: list[str]) -> list[str] | None:
    """Give the identifiers of an answer if they are all there and few enough."""
    return ids if len(ids) == count <= _MOST_LISTED else None


def people(search: str, matches: Callable[[Block], Flags]) -> Question:
    """Ask for patients."""
    return Question(
        f"Patient?{search}", lambda b: np.flatnonzero(matches(b)), lambda b, rows: b.patient_ids(rows)
    )


def encounters(search: str, matches: Callable[[Block], Flags]) -> Question:
    """Ask for encounters."""
    return Question(
        f"Encounter?{search}", lambda b: np.flatnonzero(matches(b)), lambda b, rows: b.ids("enc", rows)
    )


def results(search: str, matches: Callable[[Block], Flags]) -> Question:
    """Ask for laboratory acts."""
    return Question(
        f"Observation?{search}", lambda b: np.flatnonzero(matches(b)), lambda b, rows: b.ids("obs", rows)
    )


def studies(search: str, matches: Callable[[Block], Flags]) -> Question:
    """Ask for imaging examinations."""
    return Question(
        f"ImagingStudy?{search}", lambda b: np.flatnonzero(matches(b)), lambda b, rows: b.ids("img", rows)
    )

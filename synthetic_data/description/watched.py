"""The two laboratory tests whose course is drawn, and how the patient shown is chosen.

The rule is generic. Families of diagnoses are tried in order, first asking for many results then for fewer,
then anybody will do; in the first group that holds somebody, the one with the most results is shown, and
between equals the first by identifier.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from synthetic_data.verification.instants import Texts
from synthetic_data.verification.keys import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Holders:
    """Who has results of one test, and how many: stays (`Encounter/...`) or patients (`Patient/...`)."""

    references: Texts
    counts: Ints


@dataclass(frozen=True, slots=True)
class Watched:
    """A test (`code`: LOINC) followed over a stay, or over the year of a patient.

    `least` results make a good course, `fewest` a poor one; `families`: CIM-10 prefixes looked for, in order.
    `name`: of the wording.
    """

    name: str
    code: str
    over_stay: bool
    least: int
    fewest: int
    families: tuple[tuple[str, ...], ...]

    def holders(self, parts: Sequence[tuple[Texts, Texts]]) -> Holders:
        """Give those who have enough results, from the (patients, encounters) of the results of this test."""
        chosen = [encounter if self.over_stay else patient for patient, encounter in parts]
        known, counts = np.unique(np.concatenate(chosen or [np.empty(0, "S1")]), return_counts=True)
        enough = (counts >= self.fewest) & (known != b"")
        return Holders(known[enough], counts[enough])

    def levels(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Give what to ask for, in order: how many results, which diagnoses (all of them at last)."""
        for least in (self.least, self.fewest):
            for family in self.families:
                yield least, family
        yield self.fewest, ("",)


WATCHED = (
    Watched(
        "crp", "1988-5", over_stay=True, least=5, fewest=3,
        families=(("A40", "A41"), tuple(f"J{number}" for number in range(12, 19))),
    ),
    Watched(
        "creatinine", "14682-9", over_stay=False, least=8, fewest=4,
        families=(("Z49", "Z99.2"), ("N17", "N18", "N19")),
    ),
)  # fmt: skip

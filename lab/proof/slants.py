"""What a pair of worlds may be drawn for: everything a little, or one part of the promise closely.

A Permission with five masks, a denial and two cohorts closes so much that a hole in one corner of it is
seldom asked about. A slant opens everything but what it is about, and asks about that. A seed names it:
``dates/7-1``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Protocol

from lab.proof.grammar.bundling import bundling, pointing
from lab.proof.grammar.operating import everything, exporting, lastn
from lab.proof.grammar.reading import charting, history, naming, searching
from lab.proof.grammar.scenes import MOODS, Mood, Weighted
from lab.proof.grammar.writing import conditional_writing, creating, deleting, patching, updating
from lab.proof.grants import Grant, grant
from lab.proof.narrow_grants import CONTENTS, DATES, MANDATORY, REFERENCES, SYSTEMS, edged, masked


class Granting(Protocol):
    """Draws a grant; a ``simple`` one is surely compiled."""

    def __call__(self, chance: Random, client_id: str, *, simple: bool = False) -> Grant:
        """Return the grant of a client."""


@dataclass(frozen=True)
class Slant:
    """``curious`` is the share of criteria, where something is masked, that are on that.

    ``also`` are scenes that it has beside the usual ones.
    """

    grant: Granting
    moods: Sequence[Mood]
    curious: float = 0.2
    also: Sequence[Weighted] = ()


USUAL = Slant(grant, MOODS)

SLANTS: Mapping[str, Slant] = {
    "contents": Slant(
        partial(masked, CONTENTS),
        (
            {lastn: 5, everything: 4, searching: 1.5},
            {updating: 20, conditional_writing: 2, searching: 0.3},
            {history: 4, exporting: 4, patching: 4},
        ),
        curious=0.4,
    ),
    "dates": Slant(
        partial(masked, DATES),
        ({lastn: 8, searching: 0.5}, {history: 3, exporting: 6}),
        curious=0.3,
        also=((25.0, "search-type", charting),),
    ),
    "references": Slant(
        partial(masked, REFERENCES),
        ({searching: 1.5}, {everything: 12, searching: 0.5}),
        curious=0.4,
        also=((10.0, "search-type", charting),),
    ),
    "identifiers": Slant(
        partial(masked, SYSTEMS), ({searching: 2}, {updating: 20, searching: 0.5}), curious=0.6
    ),
    "marks": Slant(partial(masked, MANDATORY), ({updating: 40, searching: 0.3},)),
    "names": Slant(partial(masked, SYSTEMS), ({searching: 0.5},), also=((30.0, "search-type", naming),)),
    "edges": Slant(
        edged,
        (
            {searching: 3},
            {creating: 6, updating: 6, patching: 3, deleting: 6, searching: 0.5},
            {bundling: 10, pointing: 10, searching: 0.5},
        ),
        also=((12.0, "create", pointing),),
    ),
}


def slant_of(seed: str) -> Slant:
    """Return the slant that a seed names, the usual one if it names none."""
    return SLANTS.get(seed.partition("/")[0], USUAL)

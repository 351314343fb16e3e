"""What a proof is to do, and what came of it."""

from collections import Counter
from dataclasses import dataclass, field
from math import ceil

from lab.proof.case import Case
from lab.proof.tally import Tally

NONINTERFERENCE, DIFFERENTIAL, COMPLETENESS = "noninterference", "differential", "completeness"
ENGINES = (NONINTERFERENCE, DIFFERENTIAL, COMPLETENESS)
_PER_PAIR = 200


@dataclass(frozen=True)
class Plan:
    """``requests`` are shared by ``worlds`` pairs of worlds, each with a Permission of its own.

    ``stop`` ends the proof at the first failure; otherwise each pair ends at its own. ``slant`` is the name
    of what the worlds are drawn for, empty for everything.
    """

    seed: int
    requests: int
    engine: str = NONINTERFERENCE
    worlds: int = 0
    stop: bool = True
    slant: str = ""

    @property
    def pairs(self) -> int:
        """Return the number of pairs."""
        return self.worlds or ceil(self.requests / _PER_PAIR)

    def share(self, n: int) -> int:
        """Return the requests of the pair of that number."""
        low, more = divmod(self.requests, self.pairs)
        return low + (n < more)

    def seed_of(self, n: int) -> str:
        """Return the seed of the pair of that number."""
        return f"{self.slant}/{self.seed}-{n}" if self.slant else f"{self.seed}-{n}"


@dataclass
class Outcome:
    """What was asked, and what was found.

    ``kinds`` counts requests by kind and status, ``skipped`` the Permissions that were not compiled, by
    reason, ``permissions`` are digests of those that were used.
    """

    requests: int = 0
    pairs: int = 0
    kinds: Counter[tuple[str, int]] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    permissions: set[str] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)
    failures: list[Case] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """Take in the outcome of other pairs."""
        self.requests += other.requests
        self.pairs += other.pairs
        self.kinds += other.kinds
        self.skipped += other.skipped
        self.permissions |= other.permissions
        self.tally.add(other.tally)
        self.failures += other.failures

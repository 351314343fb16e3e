"""How much of a proof the reference had an opinion on, and how much of the visible came back."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """How much was judged: ``expected`` visible resources, ``returned`` of them unchanged."""

    modelled: int = 0
    unmodelled: Counter[str] = field(default_factory=Counter)
    expected: int = 0
    returned: int = 0

    def add(self, other: "Tally") -> None:
        """Take in another count."""
        self.modelled += other.modelled
        self.unmodelled += other.unmodelled
        self.expected += other.expected
        self.returned += other.returned

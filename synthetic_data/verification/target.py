"""A distribution that the hospital must follow, and how those of the folder `targets/` are found.

Each file of `targets/` gives `TARGETS`: what to count in a block, and the law from the tables.
"""

import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from synthetic_data.verification import targets
from synthetic_data.verification.blocks import Block
from synthetic_data.verification.distances import (
    Floats,
    cramers_v,
    kolmogorov_smirnov,
    luck_of_d,
    luck_of_v,
)
from synthetic_data.verification.hospital import Hospital

CLOSEST = 0.01  # the distance a large hospital must not exceed


@dataclass(frozen=True, slots=True)
class Target:
    """One distribution over `labels`, of resources of one type.

    `observe` counts the lines of a block for each label; `law` gives their weights, in the same order.
    `ordered`: the labels follow one another (compared by D), otherwise they are categories (compared by V).
    """

    name: str
    type: str
    labels: Sequence[str]
    observe: Callable[[Block, Hospital], Floats]
    law: Callable[[Hospital], Floats]
    ordered: bool = False

    def distance(self, observed: Floats, law: Floats) -> float:
        """Give V or D."""
        return kolmogorov_smirnov(observed, law) if self.ordered else cramers_v(observed, law)

    def luck(self, observations: float) -> float:
        """Give the distance that luck rarely exceeds with so many observations."""
        return luck_of_d(observations) if self.ordered else luck_of_v(observations, len(self.labels))


@cache
def all_targets() -> tuple[Target, ...]:
    """Give the targets of the folder `targets/`, by file name."""
    names = sorted(module.name for module in pkgutil.iter_modules(targets.__path__))
    modules = [import_module(f"{targets.__name__}.{name}") for name in names]
    return tuple(target for module in modules for target in module.TARGETS)

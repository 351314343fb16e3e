"""Keyed randomness: one independent stream per (seed, kind, index), and the draws made from it.

A stream never depends on how many other things are drawn, so a patient keeps its bytes when the hospital
grows.
"""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, TypeVar

Item = TypeVar("Item")


def dice(seed: int, kind: str, index: int) -> random.Random:
    """Give the stream of `kind` number `index`; textual keys seed the same stream on every platform."""
    return random.Random(f"{seed}/{kind}/{index}")  # noqa: S311 - synthetic data, no secret is drawn here


@dataclass(frozen=True, slots=True)
class Urn(Generic[Item]):
    """Items with their cumulated weights, ready to draw from."""

    items: Sequence[Item]
    cumulated: Sequence[float]

    @classmethod
    def of(cls, items: Iterable[Item], weight: Callable[[Item], float]) -> "Urn[Item]":
        """Fill an urn; items of weight 0 are left out, an empty urn is a ValueError."""
        kept = [item for item in items if weight(item) > 0]
        if not kept:
            raise ValueError(
                "expected at least one item with a weight above 0, got none: check the table drawn from"
            )
        return cls(kept, list(accumulate(weight(item) for item in kept)))

    def draw(self, rng: random.Random) -> Item:
        """Draw one item, in proportion to its weight, with exactly one number of the stream."""
        return self.items[
            bisect_right(self.cumulated, rng.random() * self.cumulated[-1], hi=len(self.items) - 1)
        ]


def largest_remainder(total: int, weights: Sequence[float]) -> list[int]:
    """Split `total` units over `weights` so that the parts sum to `total` exactly.

    Each part is its exact share rounded down; the units left go to the largest remainders (first come first
    served between equals). All weights at 0 count as equal.
    """
    whole = sum(weights)
    shares = (
        [total * weight / whole for weight in weights] if whole else [total / len(weights)] * len(weights)
    )
    parts = [int(share) for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - shares[place], place))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts

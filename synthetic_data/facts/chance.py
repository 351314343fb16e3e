"""Keyed randomness by block of patients: one independent stream per (seed, subject, block).

A stream never depends on the number of workers nor on what other subjects draw, so that any machine can draw
any block alone. Spec of the generator: https://numpy.org/doc/stable/reference/random/bit_generators/philox.html
"""

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from synthetic_data.templating.columns import Ints

Floats = npt.NDArray[np.floating]
Dice = np.random.Generator


def dice(seed: int, subject: str, block: int) -> Dice:
    """Give the stream of a subject ("births", "visits"...) for one block.

    The subject is part of the key: with the block alone, all subjects would draw the same numbers.
    """
    key = np.array([seed, zlib.crc32(subject.encode())], np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=[0, 0, 0, block]))


def strata(rng: Dice, count: int) -> Floats:
    """Draw numbers of [0, 1), one in each of `count` equal intervals, in random order.

    Drawing a law from them gives its shares almost exactly, which independent draws do not.
    """
    return (rng.permutation(count) + rng.random(count)) / max(1, count)


def draw(weights: Sequence[float] | Floats, luck: Floats) -> Ints:
    """Draw places of `weights` in proportion to them, from numbers of [0, 1)."""
    cumulated = np.cumsum(weights)
    places = np.searchsorted(cumulated, luck * cumulated[-1], side="right")
    return np.minimum(places, len(cumulated) - 1)


def ranks(values: Floats) -> Ints:
    """Give the rank of each value among those of its row; between equals, any order."""
    order = np.argsort(values, axis=1)
    found = np.empty_like(order)
    np.put_along_axis(found, order, np.arange(values.shape[1])[None, :], axis=1)
    return found


def largest_remainder(total: int, weights: Sequence[float] | Floats) -> Ints:
    """Split `total` units over `weights` so that the parts sum to `total` exactly.

    Each part is its exact share rounded down; the units left go to the largest remainders (first come first
    served between equals). All weights at 0 count as equal.
    """
    known = np.asarray(weights, float)
    whole = known.sum()
    shares = total * known / whole if whole > 0 else np.full(len(known), total / max(1, len(known)))
    parts = np.floor(shares).astype(np.int64)
    order = np.argsort(parts - shares, kind="stable")
    parts[order[: total - int(parts.sum())]] += 1
    return parts

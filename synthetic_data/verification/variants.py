"""Variants: lines of one shape, told apart by the digits that a validation may look at.

These are the digits of codes, of systems, of units, and whether a number is 0. Other digits are those of ids,
references, dates and quantities; what they can break is checked on every line.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.columns import Column
from synthetic_data.verification.keys import Ints
from synthetic_data.verification.shapes import PARSED
from synthetic_data.verification.zeros import zeros

Made = TypeVar("Made")
_MULTIPLIER = np.uint64(6_364_136_223_846_793_005)  # of a well-known generator: products wrap around 64 bits
_HALF = np.uint64(32)
_WORD = 8
Words = NDArray[np.uint64]


def variants(block: Block) -> Ints:
    """Give the variant of each line."""
    return block.once("variants", lambda: _fingerprints(block))


def by_variant(block: Block, name: str, find_out: Callable[[int], Made]) -> Iterator[tuple[int, Made]]:
    """Give what is known of each variant that is here, found out once from the row of a line."""
    here, firsts = np.unique(variants(block), return_index=True)
    for variant, first in zip(here.tolist(), firsts.tolist(), strict=True):
        if block.shape[first] == PARSED:
            continue
        if (name, variant) not in block.remembered:
            block.remembered[name, variant] = find_out(first)
        yield variant, block.remembered[name, variant]


def _fingerprints(block: Block) -> Ints:
    variant = block.shape.astype(np.uint64)
    for path, column, rows in block.columns():
        if column.is_number:
            alone = zeros(block, path, column, rows).alone
            variant[rows] = _mixed(variant[rows], alone.astype(np.uint64))
        told = rows[column.telling[block.shape[rows]]]
        for word in _words(block, column, told):
            variant[told] = _mixed(variant[told], word)
    return variant.view(np.int64)


def _mixed(variant: Words, word: Words) -> Words:
    """Let each bit of a word count for every bit of what comes after."""
    product: Words = (variant ^ word) * _MULTIPLIER
    return product ^ (product >> _HALF)


def _words(block: Block, column: Column, rows: Ints) -> Iterator[Words]:
    """Give the bytes of values, eight at a time."""
    if len(rows):
        texts = block.values(column, rows)
        whole = -(-texts.itemsize // _WORD)
        yield from texts.astype(f"S{whole * _WORD}").view(np.uint64).reshape(len(rows), whole).T

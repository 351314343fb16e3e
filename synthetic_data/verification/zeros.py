"""Numbers that begin with a zero: those that are 0, and those that are no JSON because more digits follow."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.columns import Column
from synthetic_data.verification.keys import Flags, Ints

_ZERO, _NINE, _MINUS = b"09-"


@dataclass(frozen=True, slots=True, eq=False)
class Zeros:
    """Of the numbers of a column: `alone`, those that are the integer 0; `useless`: those like 041."""

    alone: Flags
    useless: Flags


def zeros(block: Block, path: str, column: Column, rows: Ints) -> Zeros:
    """Look at the first digits of the numbers of these rows, all those of the column."""

    def look() -> Zeros:
        sign = (block.bytes_at(column, rows, 0) == _MINUS).astype(np.int64)
        zero = block.bytes_at(column, rows, sign) == _ZERO
        alone, useless = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
        begun = np.flatnonzero(zero)
        last = block.lengths(column, rows[begun]) - 1
        following = block.bytes_at(column, rows[begun], np.minimum(sign[begun] + 1, last))
        alone[begun] = last == sign[begun]
        useless[begun] = ~alone[begun] & (following >= _ZERO) & (following <= _NINE)
        return Zeros(alone, useless)

    return block.once(("zeros", path), look)

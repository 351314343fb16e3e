"""Where the values of one path stand in the lines of each shape."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic_data.verification.keys import Flags

_BY_SHAPE = ("offset", "length", "first", "last", "space", "telling")


@dataclass(slots=True, eq=False)
class Column:
    """The values of one path, by shape.

    `offset`, `length`: in the line that its shape was learned from, -1 where a shape has no such value;
    `first`, `last`: how many free texts of the line begin before it and before its end; `space`: rank of the
    key space of ids and references, -1 for everything else; `telling`: a validation may look at its digits.
    """

    offset: NDArray[np.int32]
    length: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    space: NDArray[np.int32]
    telling: Flags
    is_date: bool = False
    is_number: bool = False
    is_uid: bool = False

    @classmethod
    def empty(cls, size: int) -> "Column":
        """Make a column with room for `size` shapes."""
        offset, length, first, last, space = np.full((5, size), -1, np.int32)
        return cls(offset, length, first, last, space, np.zeros(size, bool))

    def grow(self) -> None:
        """Double the room."""
        more = Column.empty(len(self.offset))
        for name in _BY_SHAPE:
            setattr(self, name, np.concatenate([getattr(self, name), getattr(more, name)]))

"""Forms of lines: two lines have the same form when they differ by their digits only.

A form has a shape, and *shifts*: by how much the values after each of its free texts are moved from where
they stand in the line that the shape was learned from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from synthetic_data.verification.keys import Ints

Shifts = NDArray[np.int32]
"""One row for each line: no shift before the first free text, then one after each."""


@dataclass(slots=True, eq=False)
class Forms:
    """Forms by number. `numbers`: of those that are kept, by their bytes with zeros instead of digits."""

    numbers: dict[bytes, int] = field(default_factory=dict)
    _shape: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    _shift: Shifts = field(default_factory=lambda: np.zeros((0, 1), np.int32))

    def add(self, shapes: Sequence[int], shifts: Shifts) -> int:
        """Add forms after those that are kept, in place of those that are not; give the number of the first.

        A form is kept once its number is among `numbers`: first those to keep, then the others.
        """
        first = len(self.numbers)
        last, width = first + len(shapes), max(self._shift.shape[1], shifts.shape[1])
        if last > len(self._shape) or width > self._shift.shape[1]:
            self._make_room(2 * last, width)
        self._shape[first:last] = shapes
        self._shift[first:last, : shifts.shape[1]] = shifts
        self._shift[first:last, shifts.shape[1] :] = 0
        return first

    def at(self, numbers: Ints) -> tuple[Ints, Shifts]:
        """Give the shapes and the shifts of forms."""
        return self._shape[numbers], self._shift[numbers]

    def _make_room(self, size: int, width: int) -> None:
        shape, shift = np.zeros(size, np.int64), np.zeros((size, width), np.int32)
        kept = len(self.numbers)
        shape[:kept] = self._shape[:kept]
        shift[:kept, : self._shift.shape[1]] = self._shift[:kept]
        self._shape, self._shift = shape, shift

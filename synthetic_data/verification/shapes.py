"""Shapes of lines: two lines have the same shape when they differ by their digits only.

Every value of a shape stands at the same place, so a line is parsed once for its shape, and what its digits
say is then read for all the lines at once. A registry belongs to one file, whose lines resemble one another.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic_data.verification.instants import looks_like_date
from synthetic_data.verification.keys import MOST_DIGITS, ZEROED, Ints, read_key
from synthetic_data.verification.layout import (
    DuplicateNameError,
    Place,
    UnsteadyError,
    element,
    layout,
    parse,
)

PARSED = 0  # the shape of lines that are parsed one by one
_WORTHWHILE = 3  # lines of a shape, seen so far, from which on its layout pays for itself
_MOST_SHAPES = 30_000
_MOST_COUNTED = 200_000


@dataclass(slots=True, eq=False)
class Column:
    """Where the values of one path stand, by shape: `offset` -1 where a shape has none.

    `space` ranks the key space of ids and references, -1 for everything else. `is_code`: codes with digits.
    """

    offset: NDArray[np.int32]
    length: NDArray[np.int32]
    space: NDArray[np.int32]
    is_code: bool = False
    is_date: bool = False
    is_number: bool = False

    @classmethod
    def empty(cls, size: int) -> "Column":
        """Make a column with room for `size` shapes."""
        return cls(np.full(size, -1, np.int32), np.full(size, -1, np.int32), np.full(size, -1, np.int32))

    def grow(self) -> None:
        """Double the room."""
        for name in ("offset", "length", "space"):
            old = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.full(len(old), -1, np.int32)]))


@dataclass(slots=True, eq=False)
class Shapes:
    """The shapes met so far in one file, and the columns of their values by path.

    `remembered`: what readers found out about a variant of a shape, by their name and its number.
    """

    columns: dict[str, Column] = field(default_factory=dict)
    spaces: list[bytes] = field(default_factory=list)
    remembered: dict[tuple[str, int], Any] = field(default_factory=dict)
    _numbers: dict[bytes, int] = field(default_factory=dict)
    _space_ranks: dict[bytes, int] = field(default_factory=dict)
    _counted: dict[int, int] = field(default_factory=dict)
    _size: int = 64
    _next: int = PARSED + 1

    @property
    def full(self) -> bool:
        """Tell whether it is time to begin another registry, so that memory stays bounded."""
        return self._next > _MOST_SHAPES or len(self.remembered) > 4 * _MOST_SHAPES

    def recognise(self, zeroed: list[bytes], line: Callable[[int], bytes]) -> Ints:
        """Give the shape of each line, PARSED for those that must be parsed.

        `zeroed`: the lines with zeros instead of digits; `line` gives one as it is, by its row.
        """
        found = list(map(self._numbers.get, zeroed))
        if None in found:
            unknown: dict[bytes, list[int]] = {}
            for row, shape in enumerate(found):
                if shape is None:
                    unknown.setdefault(zeroed[row], []).append(row)
            for text, rows in unknown.items():
                shape = self._learn(text, line(rows[0]), len(rows))
                for row in rows:
                    found[row] = shape
        return np.array(found, np.int64)

    def rank_of_space(self, space: bytes) -> int:
        """Give the rank of a key space, a new one when it was never met."""
        if space not in self._space_ranks:
            self._space_ranks[space] = len(self.spaces)
            self.spaces.append(space)
        return self._space_ranks[space]

    def _learn(self, zeroed: bytes, line: bytes, rows: int) -> int:
        """Give the number of a new shape, once it is worth one and when its lines are well formed."""
        if len(self._counted) > _MOST_COUNTED:
            self._counted.clear()
        name = hash(zeroed)
        seen = self._counted[name] = self._counted.get(name, 0) + rows
        if seen < _WORTHWHILE:
            return PARSED
        try:
            parse(line)
            places = layout(line)
        except UnsteadyError:
            self._numbers[zeroed] = PARSED
            return PARSED
        except (DuplicateNameError, ValueError):
            return PARSED  # parsing each line says what is wrong with it
        if any(self._many_digits(path, place, line) for path, place in places.items()):
            self._numbers[zeroed] = PARSED
            return PARSED
        self._numbers[zeroed] = self._add(line, places)
        return self._numbers[zeroed]

    @staticmethod
    def _many_digits(path: str, place: Place, line: bytes) -> bool:
        """Tell whether a key has too many digits for a number, or an integer enough to be out of bounds."""
        value = line[place.offset : place.offset + place.length]
        digits = sum(48 <= byte <= 57 for byte in value)
        if place.quoted:
            return element(path) in ("id", "reference") and digits > MOST_DIGITS
        return digits > 9 and b"." not in value

    def _add(self, line: bytes, places: dict[str, Place]) -> int:
        number, self._next = self._next, self._next + 1
        if number == self._size:
            self._size *= 2
            for column in self.columns.values():
                column.grow()
        type_ = _value(line, places.get("resourceType"))
        for path, place in places.items():
            if path not in self.columns:
                self.columns[path] = Column.empty(self._size)
            column = self.columns[path]
            column.offset[number] = place.offset
            column.length[number] = place.length
            value, name = _value(line, place), element(path)
            if not place.quoted:
                column.is_number = column.is_number or value not in (b"true", b"false", b"null")
            elif name == "reference":
                column.space[number] = self.rank_of_space(read_key(value)[0])
            elif path == "id":
                column.space[number] = self.rank_of_space(read_key(type_ + b"/" + value)[0])
            elif name == "code":
                column.is_code = column.is_code or b"0" in value.translate(ZEROED)
            elif looks_like_date(name, value.translate(ZEROED)):
                column.is_date = True
        return number


def _value(line: bytes, place: Place | None) -> bytes:
    return line[place.offset : place.offset + place.length] if place else b""

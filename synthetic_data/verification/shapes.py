"""Shapes of lines: two lines have the same shape when they differ by their digits and their free texts only.

A line is parsed once for its shape, and what its digits say is then read for all the lines at once: values
stand at the same places, moved by what the free texts before them are longer. A registry belongs to one file,
whose lines resemble one another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import Any

import numpy as np

from synthetic_data.verification.columns import Column
from synthetic_data.verification.forms import Forms, Shifts
from synthetic_data.verification.free_texts import cut, outline, starts
from synthetic_data.verification.instants import looks_like_date
from synthetic_data.verification.keys import MOST_DIGITS, NO_DIGITS, ZEROED, Ints, read_key
from synthetic_data.verification.layout import (
    DuplicateNameError,
    Place,
    UnsteadyError,
    element,
    layout,
    parse,
)

PARSED = 0  # the shape of lines that are parsed one by one
_WORTHWHILE = 3  # lines of a shape or form, seen so far, from which on to learn it pays for itself
_MOST_SHAPES = 30_000
_MOST_FORMS = 30_000
_MOST_COUNTED = 200_000
# Elements whose digits no list of codes tells apart; those of ids and references are read as keys.
_SILENT = frozenset({"value", "postalCode", "birthDate", "start", "end"})
_MOST_OF_INTEGERS = 9  # digits: any such integer is within the bounds of its type
_COMMUNES = b"CommuneOM"  # the end of a system whose list is not at hand, so no rule looks into it


@dataclass(slots=True, eq=False)
class Shapes:
    """The shapes met so far in one file, and the columns of their values by path.

    `remembered`: what readers found out about a variant of a shape, by their name and its number.
    """

    columns: dict[str, Column] = field(default_factory=dict)
    spaces: list[bytes] = field(default_factory=list)
    remembered: dict[tuple[str, int], Any] = field(default_factory=dict)
    _forms: Forms = field(default_factory=Forms)
    _numbers: dict[bytes, int] = field(default_factory=dict)
    _ends: list[list[int]] = field(default_factory=lambda: [[]])
    _space_ranks: dict[bytes, int] = field(default_factory=dict)
    _counted: dict[int, int] = field(default_factory=dict)
    _size: int = 64

    @property
    def full(self) -> bool:
        """Tell whether it is time to begin another registry, so that memory stays bounded."""
        return len(self._ends) > _MOST_SHAPES or len(self.remembered) > 4 * _MOST_SHAPES

    def recognise(self, zeroed: list[bytes], line: Callable[[int], bytes]) -> tuple[Ints, Shifts]:
        """Give the shape of each line, PARSED for those that must be parsed, and its shifts.

        `zeroed`: the lines with zeros instead of digits; `line` gives one as it is, by its row.
        """
        found = list(map(self._forms.numbers.get, zeroed))
        if None in found:
            unknown: dict[bytes, list[int]] = {}
            for row, form in enumerate(found):
                if form is None:
                    unknown.setdefault(zeroed[row], []).append(row)
            for text, number in self._learn_forms(unknown, line).items():
                for row in unknown[text]:
                    found[row] = number
        return self._forms.at(np.array(found, np.int64))

    def rank_of_space(self, space: bytes) -> int:
        """Give the rank of a key space, a new one when it was never met."""
        if space not in self._space_ranks:
            self._space_ranks[space] = len(self.spaces)
            self.spaces.append(space)
        return self._space_ranks[space]

    def _learn_forms(self, unknown: dict[bytes, list[int]], line: Callable[[int], bytes]) -> dict[bytes, int]:
        """Number the forms that are not known; those that come back are kept, others until the next lines."""
        found = {text: self._look(text, line(rows[0]), len(rows)) for text, rows in unknown.items()}
        room = _MOST_FORMS - len(self._forms.numbers)
        again = (text for text, rows in unknown.items() if found[text][0] and self._again(text, len(rows)))
        kept = list(islice(again, max(0, room)))
        order = list(dict.fromkeys([*kept, *unknown]))
        shapes, ends = zip(*(found[text] for text in order), strict=True)
        first = self._forms.add(shapes, self._shifts(shapes, ends))
        numbers = {text: first + rank for rank, text in enumerate(order)}
        self._forms.numbers.update((text, numbers[text]) for text in kept)
        return numbers

    def _look(self, zeroed: bytes, line: bytes, rows: int) -> tuple[int, list[int]]:
        """Give the shape of a form, learned when it is new, and how long its texts are up to each of them."""
        pieces, texts = cut(zeroed)
        name, ends = outline(pieces), list(accumulate(map(len, texts)))
        shape = self._numbers.get(name)
        if shape is None:
            shape = PARSED
            if self._again(name, rows):
                shape = self._learn(name, line, starts(pieces, texts), ends)
        return shape, ends if shape != PARSED else []

    def _shifts(self, shapes: Sequence[int], ends: Sequence[list[int]]) -> Shifts:
        width = max(map(len, ends))
        shifts = np.zeros((len(shapes), 1 + width), np.int32)
        shifts[:, 1:] = [_padded(one, width) for one in ends]
        shifts[:, 1:] -= np.array([_padded(self._ends[shape], width) for shape in shapes], np.int32)
        return shifts

    def _again(self, name: bytes, rows: int) -> bool:
        """Count lines of a shape or a form; tell whether they are worth learning."""
        if len(self._counted) > _MOST_COUNTED:
            self._counted.clear()
        key = hash(name)
        seen = self._counted[key] = self._counted.get(key, 0) + rows
        return seen >= _WORTHWHILE

    def _learn(self, name: bytes, line: bytes, texts: list[int], ends: list[int]) -> int:
        """Give the number of a new shape when its lines are well formed."""
        try:
            parse(line)
            places = layout(line)
        except UnsteadyError:
            self._numbers[name] = PARSED
            return PARSED
        except (DuplicateNameError, ValueError):
            return PARSED  # parsing each line says what is wrong with it
        if any(_many_digits(path, place, line) for path, place in places.items()):
            self._numbers[name] = PARSED
            return PARSED
        self._numbers[name] = self._add(line, places, texts)
        self._ends.append(ends)
        return self._numbers[name]

    def _add(self, line: bytes, places: dict[str, Place], texts: list[int]) -> int:
        number = len(self._ends)
        if number == self._size:
            self._size *= 2
            for column in self.columns.values():
                column.grow()
        begin = [place.offset for place in places.values()]
        end = [place.offset + place.length for place in places.values()]
        before = np.searchsorted(texts, [begin, end])
        for (path, place), first, last in zip(places.items(), *before.tolist(), strict=True):
            if path not in self.columns:
                self.columns[path] = Column.empty(self._size)
            column = self.columns[path]
            column.offset[number], column.length[number] = place.offset, place.length
            column.first[number], column.last[number] = first, last
            value = _value(line, place)
            if not place.quoted:
                column.is_number = column.is_number or value not in (b"true", b"false", b"null")
            elif path == "id":
                type_ = _value(line, places.get("resourceType"))
                column.space[number] = self.rank_of_space(read_key(type_ + b"/" + value)[0])
            elif element(path) == "reference":
                column.space[number] = self.rank_of_space(read_key(value)[0])
            elif _is_uid(path, value):
                column.is_uid = True
            elif first == last:
                coded = _value(line, places.get(f"{path.removesuffix('code')}system"))
                column.is_date |= looks_like_date(element(path), value.translate(ZEROED))
                column.telling[number] = _tells(element(path), value, coded)
        return number


def _padded(ends: list[int], width: int) -> list[int]:
    return ends + [0] * (width - len(ends))


def _value(line: bytes, place: Place | None) -> bytes:
    return line[place.offset : place.offset + place.length] if place else b""


def _many_digits(path: str, place: Place, line: bytes) -> bool:
    """Tell whether a key has too many digits for a number, or an integer enough to be out of bounds."""
    if place.length <= _MOST_OF_INTEGERS:
        return False
    value = _value(line, place)
    if place.quoted:
        return element(path) in ("id", "reference") and len(value.translate(None, NO_DIGITS)) > MOST_DIGITS
    return b"." not in value


def _is_uid(path: str, value: bytes) -> bool:
    return element(path) == "uid" or (element(path) == "value" and value.startswith(b"urn:oid:"))


def _tells(name: str, value: bytes, system: bytes) -> bool:
    """Tell whether a validation may look at the digits of a value."""
    zeroed = value.translate(ZEROED)
    silent = name in _SILENT or looks_like_date(name, zeroed) or system.endswith(_COMMUNES)
    return b"0" in zeroed and not silent

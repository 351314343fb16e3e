"""Lines of NDJSON as columns: `block.text("subject.reference")`, one value for each line.

An absent value is an empty text, ABSENT, NaN or no key. Paths carry ranks: `identifier[0].value`.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

from synthetic_data.verification.columns import Column
from synthetic_data.verification.instants import Instants, Texts, looks_like_date, read_instants
from synthetic_data.verification.keys import ZEROED, Flags, Ints, Keys, read_key
from synthetic_data.verification.layout import Findings, Json, element, find, parse, value_at, without_ranks
from synthetic_data.verification.shapes import PARSED, Shapes

Made = TypeVar("Made")
_ZERO = ord("0")
_PADDING = 4096
_LONGEST_DATE = 35


class Block:
    """A few thousand lines of one file.

    `shape`: that of each line; `parsed`: by row, the resources of the lines that were parsed one by one;
    `broken`: by row, what is wrong with the lines that are not JSON.
    """

    def __init__(self, file: str, type_: str, content: bytes, shapes: Shapes) -> None:
        """Read whole lines; the last one may lack its end."""
        self.file, self.type, self._shapes = file, type_, shapes
        zeroed = content.translate(ZEROED).split(b"\n")
        if not zeroed[-1]:
            zeroed.pop()
        self._ends = np.cumsum(np.fromiter(map(len, zeroed), np.int64, len(zeroed)) + 1) - 1
        self._starts = np.concatenate([[0], self._ends[:-1] + 1]) if zeroed else self._ends
        self._content = content + bytes(_PADDING)  # so that a copy may run over the end of the last value
        self.shape, self._shift = shapes.recognise(zeroed, self.line)
        self.parsed: dict[int, dict[str, Json]] = {}
        self.broken: dict[int, str] = {}
        self._parse(np.flatnonzero(self.shape == PARSED))
        self._made: dict[Any, Any] = {}

    def __len__(self) -> int:
        """Give the number of lines."""
        return len(self._ends)

    def line(self, row: int) -> bytes:
        """Give a line, without its end."""
        return self._content[self._starts[row] : self._ends[row]]

    def resource(self, row: int) -> dict[str, Json]:
        """Give the resource of a line; ValueError when it is not JSON."""
        return self.parsed[row] if row in self.parsed else parse(self.line(row))

    def once(self, name: Any, make: Callable[[], Made]) -> Made:
        """Make something once for all those who ask for it by this name."""
        if name not in self._made:
            self._made[name] = make()
        made: Made = self._made[name]
        return made

    def text(self, path: str) -> Texts:
        """Give each value as it stands: texts without quotes, numbers and literals as written.

        Numbers of lines that are parsed alone are written anew: 5.0 for 5.00.
        """
        return self.once(("text", path), partial(self._text, path))

    def instants(self, path: str) -> Instants:
        """Give dates and instants."""
        return self.once(("instants", path), lambda: read_instants(self.text(path)))

    def keys(self, path: str) -> Keys:
        """Give the keys of `id` or of a reference."""
        return self.once(("keys", path), partial(self._keys, path))

    def numbers(self, path: str, rows: Flags) -> NDArray[np.float64]:
        """Give the numbers of some lines, NaN where absent."""
        texts = self.text(path)[rows]
        return np.where(texts == b"", b"nan", texts).astype(np.float64)

    def ranks(self, path: str, element_: str) -> Iterator[str]:
        """Give `path[0].element`, `path[1].element`... as long as a line of the block has one."""
        rank = 0
        while (self.text(f"{path}[{rank}].{element_}") != b"").any():
            yield f"{path}[{rank}].{element_}"
            rank += 1

    def references(self) -> list[tuple[str, Keys]]:
        """Give every reference: the path of the element that holds it, without ranks, and the keys."""
        return self.once("references", self._references)

    @property
    def remembered(self) -> dict[tuple[str, int], Any]:
        """Give what readers found out about lines of this file, until its shapes are forgotten."""
        return self._shapes.remembered

    def columns(self) -> Iterator[tuple[str, Column, Ints]]:
        """Give the columns that lines of known shape have here: path, column, rows."""
        known = self._shapes_here()
        for path, column in self._shapes.columns.items():
            if (column.offset[known] >= 0).any():
                yield path, column, np.flatnonzero(column.offset[self.shape] >= 0)

    def date_paths(self) -> list[str]:
        """Give the paths whose values look like dates."""
        known = self._shapes_here()
        shaped = (
            path
            for path, column in self._shapes.columns.items()
            if column.is_date and (column.offset[known] >= 0).any()
        )
        parsed = (path for path, _ in self._findings().dates)
        return list(dict.fromkeys([*shaped, *parsed]))

    def bytes_at(self, column: Column, rows: Ints, places: Ints | int) -> NDArray[np.uint8]:
        """Give the byte of each of these rows at a place counted from the start of the value."""
        return np.frombuffer(self._content, np.uint8)[self._places(column, rows) + places]

    def lengths(self, column: Column, rows: Ints) -> Ints:
        """Give the number of bytes of each of these values."""
        shape = self.shape[rows]
        longer = self._shift[rows, column.last[shape]] - self._shift[rows, column.first[shape]]
        return (column.length[shape] + longer).astype(np.int64)

    def values(self, column: Column, rows: Ints) -> Texts:
        """Give the values of these rows."""
        length = self.lengths(column, rows)
        width = max(1, int(length.max(initial=0)))
        copied = self._gather(column, rows, width)
        if (length != width).any():
            matrix = copied.view(np.uint8).reshape(len(rows), width)
            matrix *= np.arange(width) < length[:, None]
        return copied

    def resource_id(self, row: int) -> str:
        """Give `Type/id` of a line, as well as can be read."""
        if row in self.broken:
            return f"line {row + 1}"
        return f"{self.type}/{self.text('id')[row].decode(errors='replace')}"

    def _parse(self, rows: Ints) -> None:
        for row in map(int, rows):
            try:
                self.parsed[row] = parse(self.line(row))
            except ValueError as error:
                self.broken[row] = f"{type(error).__name__}: {error}"

    def _gather(self, column: Column, rows: Ints, width: int) -> Texts:
        """Copy `width` bytes from the start of each value, whatever follows it."""
        if width > _PADDING:
            self._content += bytes(width)
        window: Texts = np.ndarray(
            (len(self._content) - width + 1,), f"S{width}", buffer=self._content, strides=(1,)
        )
        copied: Texts = window[self._places(column, rows)]
        return copied

    def _places(self, column: Column, rows: Ints) -> Ints:
        """Give the place of the first byte of each of these values."""
        shape = self.shape[rows]
        places: Ints = self._starts[rows] + column.offset[shape] + self._shift[rows, column.first[shape]]
        return places

    def _text(self, path: str) -> Texts:
        texts = np.zeros(len(self), "S1")
        column = self._shapes.columns.get(path)
        rows = np.flatnonzero(column.offset[self.shape] >= 0) if column else np.empty(0, np.int64)
        if column and len(rows):
            copied = self.values(column, rows)
            texts = np.zeros(len(self), copied.dtype)
            texts[rows] = copied
        found = ((row, value_at(resource, path)) for row, resource in self.parsed.items())
        given = {row: _bytes(value) for row, value in found if value is not None}
        if given:
            more = np.array(list(given.values()), np.bytes_)
            texts = texts.astype(max(texts.dtype, more.dtype, key=lambda dtype: dtype.itemsize))
            texts[list(given)] = more
        return texts

    def _keys(self, path: str) -> Keys:
        space = np.full(len(self), -1, np.int64)
        number = np.zeros(len(self), np.int64)
        column = self._shapes.columns.get(path)
        if column:
            space = column.space[self.shape].astype(np.int64)
            for rank in np.unique(space[space >= 0]):
                rows = np.flatnonzero(space == rank)
                number[rows] = self._read_numbers(column, rows, self._shapes.spaces[rank])
        prefix = f"{self.type}/".encode() if path == "id" else b""
        for row, resource in self.parsed.items():
            value = value_at(resource, path)
            if isinstance(value, str):
                pattern, number[row] = read_key(prefix + value.encode())
                space[row] = self._shapes.rank_of_space(pattern)
        return Keys(tuple(self._shapes.spaces), space, number)

    def _read_numbers(self, column: Column, rows: Ints, space: bytes) -> Ints:
        """Read the digits of keys of one space, whose ends are aligned (an id lacks its type)."""
        width = int(column.length[self.shape[rows[0]]])
        own = np.frombuffer(space[len(space) - width :], np.uint8)
        places = np.flatnonzero(own == _ZERO)
        if len(places) == 0:
            return np.zeros(len(rows), np.int64)
        matrix = self._gather(column, rows, width).view(np.uint8).reshape(len(rows), width)
        number = np.zeros(len(rows), np.int64)
        for place in places:
            number *= 10
            number += matrix[:, place]
        number -= _ZERO * ((10 ** len(places) - 1) // 9)
        return number

    def _references(self) -> list[tuple[str, Keys]]:
        found = [
            (without_ranks(path).rpartition(".")[0], self._shaped_keys(path, column))
            for path, column, _ in self.columns()
            if element(path) == "reference"
        ]
        texts: dict[str, list[bytes]] = {}
        for path, value in self._findings().references:
            texts.setdefault(without_ranks(path), []).append(value.encode())
        for path, values in texts.items():
            pairs = [read_key(value) for value in values]
            space = np.array([self._shapes.rank_of_space(space) for space, _ in pairs], np.int64)
            number = np.array([number for _, number in pairs], np.int64)
            found.append((path, Keys(tuple(self._shapes.spaces), space, number)))
        return found

    def _findings(self) -> Findings:
        """Give the references and the dates of the parsed lines."""

        def walk() -> Findings:
            findings = Findings([], [])
            for resource in self.parsed.values():
                find(resource, findings)
            dates = [(path, value) for path, value in findings.dates if _is_date(element(path), value)]
            return Findings(findings.references, dates)

        return self.once("findings", walk)

    def _shapes_here(self) -> list[int]:
        """Give the shapes that are here, PARSED left out."""
        here: list[int] = self.once(
            "shapes", lambda: 1 + np.flatnonzero(np.bincount(self.shape)[1:])
        ).tolist()
        return here

    def _shaped_keys(self, path: str, column: Column) -> Keys:
        keys = self.keys(path)
        return keys.at(column.offset[self.shape] >= 0)


def _is_date(name: str, value: str) -> bool:
    return len(value) <= _LONGEST_DATE and looks_like_date(name, value.encode().translate(ZEROED))


def _bytes(value: Json) -> bytes:
    """Write a parsed value as a line does, texts without quotes."""
    return value.encode() if isinstance(value, str) else orjson.dumps(value)

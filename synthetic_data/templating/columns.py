"""The columns that fill a template: few values behind codes, or one text for each row.

Texts are kept as UTF-8 already escaped for JSON, so that filling never looks at them again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
_DIGITS_OF_32_BITS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """`values[codes[row]]`: any JSON values; None is a missing one.

    Columns that share one `codes` array (the same object) are put together once for each code, not for each
    row: that is what makes filling fast.
    """

    codes: Ints
    values: Sequence[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """One value for each row; nulls are missing. `text`: to be quoted, else JSON as it is (a number...)."""

    array: pa.StringArray
    text: bool = True


Column = Coded | Plain


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What one template is filled with, `count` times; a column serves the placeholder of its name."""

    template: str
    count: int
    columns: Mapping[str, Column]


def escaped(text: str) -> str:
    """Give a text as it stands between the quotes of JSON."""
    return orjson.dumps(text)[1:-1].decode()


def texts(values: Iterable[str | None]) -> Plain:
    """Make a column of any texts."""
    return Plain(pa.array([None if value is None else escaped(value) for value in values], pa.string()))


def json_values(values: Iterable[Any]) -> Plain:
    """Make a column of any JSON values, written as they are."""
    dumped = [None if value is None else orjson.dumps(value).decode() for value in values]
    return Plain(pa.array(dumped, pa.string()), text=False)


def pick(table: Sequence[str | None], codes: Ints) -> Plain:
    """Make a column of texts from a table; unlike `Coded`, good for long tables."""
    values = pa.array([None if text is None else escaped(text) for text in table], pa.string())
    return Plain(values.take(pa.array(codes)))


def integers(values: Ints, present: Flags | None = None) -> Plain:
    """Make a column of whole numbers."""
    array = pc.cast(pa.array(values, mask=None if present is None else ~present), pa.string())
    return Plain(array, text=False)


def fixed(matrix: Bytes, present: Flags | None = None) -> Plain:
    """Make a column of texts of one width from their bytes, shape (rows, width), plain ASCII."""
    rows, width = matrix.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * width
    validity = None
    if present is not None:
        validity = pa.py_buffer(np.packbits(present, bitorder="little"))
    data = pa.py_buffer(np.ascontiguousarray(matrix))
    return Plain(pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), data, validity))


def digits(prefix: str, numbers: Ints, width: int, present: Flags | None = None) -> Plain:
    """Make a column of numbers written on `width` digits after a prefix: identifiers."""
    start = len(prefix)
    matrix = np.empty((len(numbers), start + width), np.uint8)
    matrix[:, :start] = np.frombuffer(prefix.encode("ascii"), np.uint8)
    put_digits(matrix[:, start:], numbers)
    return fixed(matrix, present)


def put_digits(matrix: Bytes, numbers: Ints) -> None:
    """Write numbers into a matrix of characters, shape (rows, digits), right-aligned with zeros."""
    # Half the width, no sign, and no remainder but by a product: three times as fast as divmod.
    rest: Ints = numbers.astype(np.uint32 if matrix.shape[1] < _DIGITS_OF_32_BITS else np.uint64)
    for place in range(matrix.shape[1] - 1, -1, -1):
        tens: Ints = rest // 10
        matrix[:, place] = rest - tens * 10 + ord("0")
        rest = tens


def decimals(scaled: Ints, places: Ints) -> Plain:
    """Make a column of non-negative decimals: `scaled` / 10**`places`, all `places` (0 to 3) written.

    The number of decimals of a measure says how precise it is, so trailing zeros are kept.
    """
    units, fraction = np.divmod(scaled, _POWERS[places])
    endings = pa.array(_ENDINGS, pa.string()).take(pa.array(_FIRST_ENDING[places] + fraction))
    return Plain(pc.binary_join_element_wise(pc.cast(pa.array(units), pa.string()), endings, ""), text=False)


def joined(children: Plain, starts: Ints) -> Plain:
    """Make a column of JSON lists: the children `starts[row]` to `starts[row + 1]` of each row."""
    lists = pa.ListArray.from_arrays(pa.array(starts, pa.int32()), children.array)
    body = pc.binary_join(lists, ",")
    return Plain(pc.binary_join_element_wise("[", body, "]", ""), text=False)


_ENDINGS = [
    "",
    *(f".{n}" for n in range(10)),
    *(f".{n:02}" for n in range(100)),
    *(f".{n:03}" for n in range(1000)),
]
_POWERS = np.array([1, 10, 100, 1000])
_FIRST_ENDING = np.array([0, 1, 11, 111])

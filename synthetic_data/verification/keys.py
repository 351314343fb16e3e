"""Identifiers and references as numbers, so that millions of them can be compared at once.

The digits of `Encounter/enc-0012-000345` make the number 12000345; what is left, with zeros instead of digits
(`Encounter/enc-0000-000000`), is its *space*. Widths are fixed, so space and number give the text back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
MOST_DIGITS = 14  # a number then fits into 48 bits, which leaves room for the rank of its space
ZEROED = bytes(ord("0") if chr(byte) in "123456789" else byte for byte in range(256))
NO_DIGITS = bytes(byte for byte in range(256) if chr(byte) not in "0123456789")


@dataclass(frozen=True, slots=True, eq=False)
class Keys:
    """A column of keys: `space[i]` is a rank in `spaces`, -1 where there is no key."""

    spaces: tuple[bytes, ...]
    space: Ints
    number: Ints

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.number)

    def at(self, rows: Ints | Flags) -> "Keys":
        """Give the keys of some rows."""
        return Keys(self.spaces, self.space[rows], self.number[rows])

    def of_type(self, type_: str) -> Flags:
        """Tell which keys name a resource of this type."""
        prefix = f"{type_}/".encode()
        return self._flag([space.startswith(prefix) for space in self.spaces])

    def _flag(self, chosen: list[bool]) -> Flags:
        return np.array([*chosen, False], bool)[self.space]

    def by_space(self) -> Iterator[tuple[bytes, Ints]]:
        """Give the numbers of each space that is used."""
        used = np.bincount(self.space + 1, minlength=1)  # the first one counts the rows without a key
        for rank in np.flatnonzero(used[1:]):
            whole = used[rank + 1] == len(self.space)
            yield self.spaces[rank], self.number if whole else self.number[self.space == rank]

    def text(self, row: int) -> str:
        """Write one key as it stood; empty where there is none."""
        return spell(self.spaces[self.space[row]], int(self.number[row])) if self.space[row] >= 0 else ""


def read_key(text: bytes) -> tuple[bytes, int]:
    """Give the space and the number of one key; with too many digits the whole text is its own space."""
    digits = text.translate(None, NO_DIGITS)
    if len(digits) > MOST_DIGITS:
        return text, 0
    return text.translate(ZEROED), int(digits or b"0")


def spell(space: bytes, number: int) -> str:
    """Give the text of a key back."""
    text = space.decode(errors="replace")
    count = text.count("0")
    if sum(map(str.isdigit, text)) > MOST_DIGITS or not count:
        return text
    digits = iter(f"{number:0{count}}")
    return re.sub("0", lambda _: next(digits), text)

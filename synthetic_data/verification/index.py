"""What every check may look up: the patients and the encounters of the whole hospital, sorted by key.

Workers share the tables through memory-mapped files.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from synthetic_data.verification.keys import Ints, Keys

Columns = dict[str, NDArray[np.generic]]
_SPACE_BITS = 48


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Rows of one kind of resource: `key` is sorted, `columns` follow it."""

    spaces: tuple[bytes, ...]
    key: Ints
    columns: Columns

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.key)

    def rows(self, keys: Keys) -> Ints:
        """Give the row of each key, -1 for those that are not in the table."""
        if len(self.key) == 0:
            return np.full(len(keys), -1, np.int64)
        wanted = _combined(self.spaces, keys)
        place = np.minimum(np.searchsorted(self.key, wanted), len(self.key) - 1)
        return np.where((self.key[place] == wanted) & (wanted >= 0), place, -1)

    def at(self, column: str, rows: Ints, absent: int) -> NDArray[np.int64]:
        """Give a column at these rows, `absent` where the row is -1."""
        if len(self.key) == 0:
            return np.full(len(rows), absent, np.int64)
        return np.where(rows >= 0, self.columns[column][rows], absent)

    def save(self, folder: Path, name: str) -> None:
        """Write the table for other processes."""
        np.save(folder / f"{name}.key.npy", self.key)
        for column, values in self.columns.items():
            np.save(folder / f"{name}.{column}.npy", values)
        head = {"spaces": [space.decode() for space in self.spaces], "columns": list(self.columns)}
        (folder / f"{name}.json").write_bytes(orjson.dumps(head))


EMPTY = Index((), np.empty(0, np.int64), {})


def load(folder: Path, name: str) -> Index:
    """Open a table written by another process; EMPTY when it was not made yet."""
    head_file = folder / f"{name}.json"
    if not head_file.exists():
        return EMPTY
    head = orjson.loads(head_file.read_bytes())
    columns = {column: np.load(folder / f"{name}.{column}.npy", mmap_mode="r") for column in head["columns"]}
    key = np.load(folder / f"{name}.key.npy", mmap_mode="r")
    return Index(tuple(space.encode() for space in head["spaces"]), key, columns)


def build(parts: Sequence[tuple[Keys, Columns]]) -> Index:
    """Sort the rows found in the blocks; rows without a key are left out."""
    if not parts:
        return EMPTY
    spaces = tuple(sorted({space for keys, _ in parts for space in _used(keys)}))
    key = np.concatenate([_combined(spaces, keys) for keys, _ in parts])
    order = np.argsort(key, kind="stable")
    order = order[key[order] >= 0]
    columns = {name: np.concatenate([columns[name] for _, columns in parts])[order] for name in parts[0][1]}
    return Index(spaces, key[order], columns)


def _used(keys: Keys) -> Iterable[bytes]:
    return (keys.spaces[rank] for rank in np.unique(keys.space) if rank >= 0)


def _combined(spaces: Sequence[bytes], keys: Keys) -> Ints:
    """Put space and number into one integer; -1 for keys of other spaces."""
    rank = {space: number for number, space in enumerate(spaces)}
    ranks = np.array([*(rank.get(space, -1) for space in keys.spaces), -1], np.int64)[keys.space]
    return np.where(ranks >= 0, (ranks << _SPACE_BITS) | keys.number, -1)

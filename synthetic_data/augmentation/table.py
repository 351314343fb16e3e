"""Hold a cohort: one row per patient, mixed columns, missing cells allowed."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from synthetic_data.augmentation.arrays import Floats, Wholes

Kind = Literal["number", "integer", "category", "boolean"]
_ABSENT = -(2.0**40)  # no cell is that low
OTHER = "other"  # what the categories of too few patients become, together


@dataclass(frozen=True, slots=True)
class Column:
    """One characteristic of the patients.

    `decimals` and the bounds `low` and `high` (in the unit of the column, None when unknown) concern numbers;
    `levels` are the texts of a category or boolean, whose cells hold their rank.
    """

    name: str
    kind: Kind
    decimals: int = 0
    levels: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def is_numeric(self) -> bool:
        """Tell whether cells are amounts rather than ranks of levels."""
        return self.kind in ("number", "integer")

    @property
    def other(self) -> int | None:
        """Give the rank of the level that gathers rare ones, None where pooling makes no sense."""
        return self.levels.index(OTHER) if OTHER in self.levels else None


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns and their cells: a (patients, columns) matrix, NaN where missing, ranks for levels."""

    columns: tuple[Column, ...]
    cells: Floats

    def __len__(self) -> int:
        """Count the patients."""
        return len(self.cells)

    def take(self, rows: Wholes) -> "Table":
        """Keep the patients at these positions, in this order."""
        return replace(self, cells=self.cells[rows])

    def row_keys(self) -> NDArray[np.uint64]:
        """Give a (patients,) array of keys: two keys are equal when all cells are, as they are written.

        Cells are hashed as whole numbers, so that rounding noise cannot hide a copy; among 10 million rows
        the odds of a false match are below one in a billion.
        """
        scale = np.array([10.0**column.decimals for column in self.columns])
        whole = np.rint(np.nan_to_num(self.cells * scale, nan=_ABSENT)).astype(np.int64).view(np.uint64)
        odd = np.random.Generator(np.random.PCG64(0)).integers(0, 2**63, len(scale), dtype=np.uint64) * 2 + 1
        mixed = (whole + np.arange(1, len(scale) + 1, dtype=np.uint64)) * odd
        mixed ^= mixed >> np.uint64(29)
        return np.asarray((mixed * odd[::-1]).sum(axis=1, dtype=np.uint64))


def stacked(first: Table, second: Table) -> Table:
    """Put the patients of `second` below those of `first`."""
    return replace(first, cells=np.vstack([first.cells, second.cells]))


def halves(table: Table, rng: np.random.Generator) -> tuple[Table, Table]:
    """Share the patients at random between two halves; the second has one more when they are odd."""
    order = rng.permutation(len(table))
    middle = len(table) // 2
    return table.take(np.sort(order[:middle])), table.take(np.sort(order[middle:]))

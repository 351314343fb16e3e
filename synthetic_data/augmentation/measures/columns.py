"""Compare one column of two tables: shape, spread and absences."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.arrays import Floats
from synthetic_data.augmentation.measures.ranking import kolmogorov_smirnov, wasserstein
from synthetic_data.augmentation.model.marginal import K
from synthetic_data.augmentation.table import Column, Table


@dataclass(frozen=True, slots=True)
class ColumnGap:
    """How far a column is from the reference.

    `measure` is "KS" for a number, "TV" (total variation) for levels: both are the largest difference of
    probability, from 0 to 1. `wasserstein` is in standard deviations of the reference, None for levels;
    `cramers_v` None for numbers. `missing` is the difference of the shares of missing cells.
    """

    name: str
    measure: str
    gap: float
    wasserstein: float | None
    cramers_v: float | None
    missing: float


def column_gaps(table: Table, reference: Table) -> tuple[ColumnGap, ...]:
    """Compare each column of `table` with that of `reference`."""
    return tuple(
        _gap(column, table.cells[:, at], reference.cells[:, at]) for at, column in enumerate(table.columns)
    )


def _gap(column: Column, cells: Floats, reference: Floats) -> ColumnGap:
    missing = float(abs(np.isnan(cells).mean() - np.isnan(reference).mean()))
    cells, reference = cells[~np.isnan(cells)], reference[~np.isnan(reference)]
    if column.is_numeric:
        spread = reference.std() or 1.0
        return ColumnGap(
            column.name,
            "KS",
            kolmogorov_smirnov(cells, reference),
            wasserstein(cells, reference) / spread,
            None,
            missing,
        )
    counts = level_counts(column, cells, reference)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    variation = float(np.abs(shares[0] - shares[1]).sum() / 2)
    return ColumnGap(column.name, "TV", variation, None, cramers_v(shares), missing)


def level_counts(column: Column, cells: Floats, reference: Floats) -> Floats:
    """Count the levels of both samples (2, levels); those of fewer than 5 reference patients are pooled."""
    counts = np.array(
        [np.bincount(sample.astype(int), minlength=len(column.levels)) for sample in (cells, reference)]
    )
    rare = counts[1] < K
    return np.column_stack([counts[:, ~rare], counts[:, rare].sum(axis=1)]).astype(float)


def cramers_v(shares: Floats) -> float:
    """Give the association, from 0 to 1, between a sample of two and the level; (2, levels) shares by sample.

    Samples weigh the same whatever their sizes, so that 10,000 rows against 250 read as 250 against 250.
    """
    expected = shares.mean(axis=0)
    seen = expected > 0
    return float(np.sqrt((((shares - expected) ** 2)[:, seen] / expected[seen]).sum() / 2))

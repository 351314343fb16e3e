"""Fit the Gaussian copula: a smoothed law per column, one latent normal vector for their dependence."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.arrays import Floats
from synthetic_data.augmentation.model.correlation import latent_correlations, positive_definite
from synthetic_data.augmentation.model.hermite import Scored, scored
from synthetic_data.augmentation.model.kept_levels import fit_levels
from synthetic_data.augmentation.model.marginal import K, Marginal
from synthetic_data.augmentation.model.smooth_numbers import fit_smooth_number
from synthetic_data.augmentation.model.step_numbers import FEW_VALUES, fit_step_number
from synthetic_data.augmentation.table import Column, Table


@dataclass(frozen=True, slots=True, eq=False)
class ColumnLaw:
    """A column, its law, its share of missing cells, and where its latent dimensions are.

    `missing_at` is the dimension of its absence (None when fewer than 5 cells are missing: nothing is missing
    then), `value_at` the first of the `law.width` dimensions of its value.
    """

    column: Column
    law: Marginal
    missing: float
    missing_at: int | None
    value_at: int


@dataclass(frozen=True, slots=True, eq=False)
class Copula:
    """The fitted model: laws, and the (d, d) correlation of the latent normals before and after repair."""

    laws: tuple[ColumnLaw, ...]
    estimated: Floats
    correlation: Floats


def fit_copula(table: Table) -> Copula:
    """Learn a cohort; nothing but smoothed laws and correlations is kept of it."""
    laws: list[ColumnLaw] = []
    dimensions: list[Scored] = []
    for column, cells in zip(table.columns, table.cells.T, strict=True):
        absent = np.isnan(cells)
        known = cells[~absent]
        missing_at = None
        if absent.sum() >= K:
            missing_at = len(dimensions)
            dimensions.append(scored(absent.astype(float)))
        law = _law(known, column)
        share = (absent.sum() + 0.5) / (len(cells) + 1) if missing_at is not None else 0.0
        laws.append(ColumnLaw(column, law, float(share), missing_at, len(dimensions)))
        latent = law.latent(cells)
        dimensions.extend(scored(latent[:, at]) for at in range(law.width))
    estimated = latent_correlations(dimensions) if dimensions else np.zeros((0, 0))
    return Copula(tuple(laws), estimated, positive_definite(estimated))


def _law(known: Floats, column: Column) -> Marginal:
    if not column.is_numeric:
        return fit_levels(known, column)
    if len(np.unique(known)) <= FEW_VALUES:
        return fit_step_number(known, column.decimals)
    return fit_smooth_number(known, column)

"""Gather the fidelity figures of a table against patients never seen."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.measures.columns import ColumnGap, column_gaps
from synthetic_data.augmentation.measures.dependence import correlation_error
from synthetic_data.augmentation.measures.discriminator import discriminator_auc
from synthetic_data.augmentation.measures.encoding import Encoding
from synthetic_data.augmentation.measures.usefulness import Target, usefulness
from synthetic_data.augmentation.table import Table


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Gaps by column and their mean and maximum, correlation errors, discriminator and prediction AUC."""

    columns: tuple[ColumnGap, ...]
    mean_gap: float
    largest_gap: float
    missing_gap: float
    correlation_mean: float
    correlation_largest: float
    discriminator: float
    usefulness: float


def fidelity(
    encoding: Encoding, target: Target, table: Table, reference: Table, rng: np.random.Generator
) -> Fidelity:
    """Measure `table` against `reference`, patients that it was not made from."""
    rows, patients = encoding.encode(table), encoding.encode(reference)
    gaps = column_gaps(table, reference)
    errors = correlation_error(encoding, rows, patients)
    return Fidelity(
        columns=gaps,
        mean_gap=float(np.mean([gap.gap for gap in gaps])),
        largest_gap=max(gap.gap for gap in gaps),
        missing_gap=max(gap.missing for gap in gaps),
        correlation_mean=errors.mean,
        correlation_largest=errors.largest,
        discriminator=discriminator_auc(encoding, rows, patients, rng),
        usefulness=usefulness(encoding, target, (table, rows), (reference, patients)),
    )

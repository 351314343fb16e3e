"""Read the folder of a cohort: cohort.csv, and columns.csv when there is one."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthetic_data.augmentation.arrays import Floats
from synthetic_data.augmentation.reading.admission import refuse_empty_columns, refuse_size
from synthetic_data.augmentation.reading.csv_file import read_csv
from synthetic_data.augmentation.reading.identifiers import refuse_identifiers
from synthetic_data.augmentation.reading.kinds import column_of, declared
from synthetic_data.augmentation.table import Column, Table

COHORT = "cohort.csv"
COLUMNS = "columns.csv"


@dataclass(frozen=True, slots=True)
class Cohort:
    """A table of patients and the names of the columns whose kind was inferred."""

    table: Table
    inferred: tuple[str, ...]


def read_cohort(folder: Path) -> Cohort:
    """Read and admit a cohort.

    Raises:
        Refusal: with one sentence, for whatever makes it unusable.
    """
    texts = read_csv(folder / COHORT)
    refuse_identifiers(texts)
    refuse_size(len(texts.rows), len(texts.names))
    wanted = declared(folder / COLUMNS, texts.names)
    columns = tuple(column_of(texts, at, wanted.get(name, {})) for at, name in enumerate(texts.names))
    cells = np.column_stack([_cells(column, texts.column(at)) for at, column in enumerate(columns)])
    table = Table(columns, cells)
    refuse_empty_columns(table)
    return Cohort(table, tuple(name for name in texts.names if name not in wanted))


def _cells(column: Column, texts: list[str]) -> Floats:
    if column.is_numeric:
        return np.round([float(text) if text else np.nan for text in texts], column.decimals)
    ranks = {level: float(rank) for rank, level in enumerate(column.levels)}
    return np.array([ranks.get(text, np.nan) for text in texts])

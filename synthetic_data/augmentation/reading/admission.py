"""Refuse a cohort or a request from which nothing honest can be made."""

import numpy as np

from synthetic_data.augmentation.refusal import Refusal
from synthetic_data.augmentation.table import Table

FEWEST_PATIENTS = 50
FEWEST_KNOWN = 20  # known cells a column needs: about ten in the half that is learned from
FEWEST_COLUMNS = 2
MOST_ROWS = 10_000_000


def refuse_request(rows: int, seed: int) -> None:
    """Let a number of rows to write and a seed pass when they make sense.

    Raises:
        Refusal: rows are below 1 or above ten million, or the seed is negative.
    """
    if seed < 0:
        raise Refusal(
            f"Une graine positive ou nulle est attendue ; reçu {seed}. Changez --seed.",
            f"Expected a seed of 0 or more; got {seed}. Change --seed.",
        )
    if not 1 <= rows <= MOST_ROWS:
        raise Refusal(
            f"Un nombre de lignes de 1 à {MOST_ROWS} est attendu ; reçu {rows}. Changez --rows.",
            f"Expected a number of rows from 1 to {MOST_ROWS}; got {rows}. Change --rows.",
        )


def refuse_size(patients: int, columns: int) -> None:
    """Let a cohort pass when it is large enough to be halved and compared.

    Raises:
        Refusal: it has fewer than 50 patients or 2 columns.
    """
    if patients < FEWEST_PATIENTS:
        raise Refusal(
            f"Au moins {FEWEST_PATIENTS} patients sont attendus ; la cohorte en a {patients}. Élargissez-la.",
            f"Expected at least {FEWEST_PATIENTS} patients; the cohort has {patients}. Widen it.",
        )
    if columns < FEWEST_COLUMNS:
        raise Refusal(
            f"Au moins {FEWEST_COLUMNS} colonnes sont attendues ; la cohorte en a {columns}. Ajoutez-en.",
            f"Expected at least {FEWEST_COLUMNS} columns; the cohort has {columns}. Add some.",
        )


def refuse_empty_columns(table: Table) -> None:
    """Let a table pass when each column has enough known cells and more than one value.

    Raises:
        Refusal: naming the first column that is empty, almost empty or constant.
    """
    for column, cells in zip(table.columns, table.cells.T, strict=True):
        known = cells[~np.isnan(cells)]
        if len(known) < FEWEST_KNOWN:
            raise Refusal(
                f"Au moins {FEWEST_KNOWN} valeurs connues sont attendues dans « {column.name} » ; il y en a "
                f"{len(known)}. Retirez la colonne.",
                f'Expected at least {FEWEST_KNOWN} known values in "{column.name}"; there are {len(known)}. '
                "Remove the column.",
            )
        if not np.isfinite(known).all() or known.min() == known.max():
            raise Refusal(
                f"Plusieurs valeurs finies sont attendues dans « {column.name} » ; la colonne est constante "
                "ou infinie. Retirez-la.",
                f'Expected several finite values in "{column.name}"; the column is constant or '
                "infinite. Remove it.",
            )

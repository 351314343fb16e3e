"""Train a prediction on artificial rows and test it on patients never seen."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.arrays import Flags, Floats
from synthetic_data.augmentation.measures.encoding import Encoding
from synthetic_data.augmentation.measures.logistic import fit_logistic
from synthetic_data.augmentation.measures.ranking import area_under_curve
from synthetic_data.augmentation.refusal import Refusal
from synthetic_data.augmentation.table import Table

_RIDGE = 1.0
_FEWEST = 5  # patients with and without the outcome, to learn or to test


@dataclass(frozen=True, slots=True)
class Target:
    """What is predicted: the column at `at` equals `level`, or exceeds `level` when it is a number."""

    at: int
    level: float
    label: str

    def outcome(self, table: Table) -> Floats:
        """Give 1, 0 or NaN (missing) for each patient."""
        cells = table.cells[:, self.at]
        there = cells > self.level if table.columns[self.at].is_numeric else cells == self.level
        return np.where(np.isnan(cells), np.nan, there.astype(float))


def target_of(patients: Table, wanted: str | None, encoding: Encoding) -> Target:
    """Take the declared column, or the last column of two levels, or else the last column.

    A number is cut at its median; a category is its second most frequent level against the others.

    Raises:
        Refusal: the declared column does not exist.
    """
    names = [column.name for column in patients.columns]
    if wanted is not None and wanted not in names:
        raise Refusal(
            f"Une colonne de la cohorte est attendue pour --target ; reçu « {wanted} ». Choisissez parmi "
            f"{', '.join(names)}.",
            f'Expected a column of the cohort for --target; got "{wanted}". Choose among {", ".join(names)}.',
        )
    two = [at for at, levels in enumerate(encoding.levels) if len(levels) == 2]
    at = names.index(wanted) if wanted is not None else (two or [len(names) - 1])[-1]
    column, cells = patients.columns[at], patients.cells[:, at]
    known = cells[~np.isnan(cells)]
    if column.is_numeric:
        # Strictly above a median that is also the maximum would be nobody: step back to a value that splits.
        median = min(float(np.median(known)), float(np.unique(known)[-2]))
        return Target(at, median, f"{column.name} > {median:g}")
    values, times = np.unique(known, return_counts=True)
    level = float(values[np.argsort(-times, kind="stable")[1]])
    return Target(at, level, f"{column.name} = {column.levels[int(level)]}")


def usefulness(
    encoding: Encoding, target: Target, learned: tuple[Table, Floats], tested: tuple[Table, Floats]
) -> float:
    """Give the AUC on `tested` of a model fitted on `learned`; each is a table and its encoding.

    0.5 when one of them has fewer than 5 patients on either side.
    """
    predictors = encoding.modelled & (encoding.owner != target.at)
    x, y = _known(target, learned, predictors)
    tx, ty = _known(target, tested, predictors)
    if min(y.sum(), len(y) - y.sum(), ty.sum(), len(ty) - ty.sum()) < _FEWEST:
        return 0.5
    score = fit_logistic(x, y, _RIDGE).score(tx)
    return area_under_curve(score[ty == 1], score[ty == 0])


def _known(target: Target, sample: tuple[Table, Floats], predictors: Flags) -> tuple[Floats, Floats]:
    table, encoded = sample
    outcome = target.outcome(table)
    known = ~np.isnan(outcome)
    return encoded[known][:, predictors], outcome[known]

"""Turn mixed columns into coordinates in which patients can be compared."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.arrays import Flags, Floats, Wholes
from synthetic_data.augmentation.model import normal
from synthetic_data.augmentation.model.marginal import K
from synthetic_data.augmentation.table import Table


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """What is needed to encode a table as (rows, dimensions) coordinates.

    A number becomes its normal score among the patients (so a long tail does not rule distances), a level a
    0/1 coordinate, an absence a 0/1 coordinate. Two different levels are then as far apart (squared distance
    2) as two patients taken at random are in one number. `owner` (dimensions,) is the column of each
    coordinate, `modelled` marks those that statistics use (one level fewer than there are: the last follows
    from the others).
    """

    values: tuple[Floats, ...]
    scores: tuple[Floats, ...]
    levels: tuple[tuple[int, ...], ...]
    absences: tuple[bool, ...]
    owner: Wholes
    modelled: Flags

    def encode(self, table: Table) -> Floats:
        """Give the coordinates of each patient; a level never seen among the patients is at 0 everywhere."""
        coordinates: list[Floats] = []
        for at, cells in enumerate(table.cells.T):
            if len(self.values[at]):
                coordinates.append(np.nan_to_num(self._score(at, cells)))
            coordinates.extend((cells == level).astype(float) for level in self.levels[at])
            if self.absences[at]:
                coordinates.append(np.isnan(cells).astype(float))
        return np.column_stack(coordinates)

    def _score(self, at: int, cells: Floats) -> Floats:
        """Interpolate normal scores; beyond the patients, go on at one score per standard deviation."""
        values = self.values[at]
        inside = np.interp(cells, values, self.scores[at])
        beyond = cells - np.clip(cells, values[0], values[-1])
        return np.asarray(inside + beyond / values.std())


def encoding_of(patients: Table) -> Encoding:
    """Learn the coordinates from the whole cohort: a ruler, not a model, nothing is drawn from it."""
    values: list[Floats] = []
    scores: list[Floats] = []
    levels: list[tuple[int, ...]] = []
    absences: list[bool] = []
    owner: list[int] = []
    modelled: list[bool] = []
    for at, (column, cells) in enumerate(zip(patients.columns, patients.cells.T, strict=True)):
        known = cells[~np.isnan(cells)]
        distinct, times = np.unique(known, return_counts=True)
        if column.is_numeric:
            middle = (np.cumsum(times) - times / 2) / times.sum()
            values.append(distinct)
            scores.append(normal.quantile(middle))
            levels.append(())
            owner.append(at)
            modelled.append(True)
        else:
            values.append(np.array([]))
            scores.append(np.array([]))
            levels.append(tuple(int(rank) for rank in distinct))
            owner.extend([at] * len(distinct))
            modelled.extend(bool(count >= K) for count in times[:-1])
            modelled.append(False)
        absent = len(cells) - len(known)
        absences.append(absent > 0)
        if absent:
            owner.append(at)
            modelled.append(absent >= K)
    return Encoding(
        tuple(values),
        tuple(scores),
        tuple(levels),
        tuple(absences),
        np.array(owner, dtype=np.int64),
        np.array(modelled),
    )

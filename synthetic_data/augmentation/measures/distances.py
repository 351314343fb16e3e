"""Find the nearest of many points, by blocks of rows so that memory stays small."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.arrays import Floats, Wholes

_BLOCK_CELLS = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """The nearest points of each row: increasing `distances` and positions `at`, both (rows, count)."""

    distances: Floats
    at: Wholes


def nearest(rows: Floats, points: Floats, count: int = 1) -> Nearest:
    """Find the `count` nearest points (Euclidean) of each row; equal points count as many times as they come.

    Candidates come from one matrix product; their distances are then computed exactly, so a copy is at 0.
    """
    height = max(1, _BLOCK_CELLS // len(points))
    blocks = [_nearest(rows[at : at + height], points, count) for at in range(0, len(rows), height)]
    return Nearest(
        np.vstack([block.distances for block in blocks]), np.vstack([block.at for block in blocks])
    )


def _nearest(rows: Floats, points: Floats, count: int) -> Nearest:
    # The square of the row itself is the same for all its candidates: left out.
    rough = (points**2).sum(axis=1) - 2.0 * (rows @ points.T)
    at = rough.argmin(axis=1)[:, None] if count == 1 else np.argpartition(rough, count - 1, axis=1)[:, :count]
    exact = np.sqrt(((rows[:, None, :] - points[at]) ** 2).sum(axis=2))
    order = np.argsort(exact, axis=1, kind="stable")
    return Nearest(np.take_along_axis(exact, order, axis=1), np.take_along_axis(at, order, axis=1))

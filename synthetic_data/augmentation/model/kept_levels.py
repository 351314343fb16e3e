"""Fit and draw a category: levels of fewer than 5 patients are pooled under "other", or left out.

Levels without an order are told apart one after the other (the most frequent or not; if not, the second or
not; and so on): each question is a latent dimension of its own, so any dependence of one level is kept.
"""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.arrays import Floats, Wholes
from synthetic_data.augmentation.model.marginal import K
from synthetic_data.augmentation.table import Column

_PRIOR = 0.5  # patients added to each level, so that shares are not exactly those of the patients


@dataclass(frozen=True, slots=True, eq=False)
class KeptLevels:
    """The ranks of the levels kept, the most frequent first, and their shares (sum 1).

    `pooled` are ranks written as `other`; `dropped` are ranks that are never written.
    """

    order: Wholes
    shares: Floats
    pooled: tuple[int, ...]
    dropped: tuple[int, ...]
    other: int | None

    @property
    def width(self) -> int:
        """Count the questions: one fewer than the levels."""
        return len(self.order) - 1

    def latent(self, cells: Floats) -> Floats:
        """Answer the questions: 1 yes, 0 no, NaN once an earlier one settled the level."""
        codes = np.where(np.isin(cells, self.pooled), np.nan if self.other is None else self.other, cells)
        codes[np.isin(codes, self.dropped)] = np.nan
        answers = np.full((len(cells), self.width), np.nan)
        open_ = ~np.isnan(codes)
        for question, rank in enumerate(self.order[:-1]):
            answers[open_, question] = codes[open_] == rank
            open_ &= codes != rank
        return answers

    def draw(self, u: Floats) -> Floats:
        """Ask the questions in turn; a high number says yes."""
        cells = np.full(len(u), float(self.order[-1]))
        open_ = np.ones(len(u), dtype=bool)
        left = 1.0
        for question, (rank, share) in enumerate(zip(self.order[:-1], self.shares[:-1], strict=True)):
            yes = open_ & (u[:, question] > 1 - share / left)
            cells[yes] = rank
            open_ &= ~yes
            left -= share
        return cells


def fit_levels(known: Floats, column: Column) -> KeptLevels:
    """Keep the levels of the known ranks (n,) that at least 5 patients share."""
    counts = np.bincount(known.astype(int), minlength=len(column.levels))
    rare = tuple(int(rank) for rank in np.flatnonzero((counts > 0) & (counts < K)))
    other = column.other
    pooled: tuple[int, ...] = ()
    if other is not None and counts[list(rare)].sum() + (0 if other in rare else counts[other]) >= K:
        pooled = tuple(rank for rank in rare if rank != other)
        counts[other] += counts[list(pooled)].sum()
        counts[list(pooled)] = 0
    kept = np.flatnonzero(counts >= K)
    if len(kept) == 0:  # every level is rare: the most frequent alone is written
        kept = np.array([int(counts.argmax())])
    order = kept[np.argsort(-counts[kept], kind="stable")]
    shares = counts[order] + _PRIOR
    dropped = tuple(rank for rank in rare if rank not in pooled and rank not in order)
    return KeptLevels(order, shares / shares.sum(), pooled, dropped, other)

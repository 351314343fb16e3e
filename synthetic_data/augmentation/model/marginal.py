"""Say what a marginal must do: cells to latent data, uniform numbers to cells."""

from typing import Protocol

from synthetic_data.augmentation.arrays import Floats

K = 5  # no fitted number of a marginal rests on fewer patients


class Marginal(Protocol):
    """The law of one column, whatever the others."""

    @property
    def width(self) -> int:
        """Count the latent dimensions that it needs (0 when only one value is left)."""

    def latent(self, cells: Floats) -> Floats:
        """Turn (n,) cells into (n, width) ordered data, NaN where they say nothing."""

    def draw(self, u: Floats) -> Floats:
        """Turn (n, width) numbers between 0 and 1 into (n,) cells."""

"""What to generate: seed, number of patients, the instant taken as the present."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DEFAULT_NOW = datetime(2023, 6, 15, 10, tzinfo=timezone(timedelta(hours=2)))
END_OF_2023 = datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=1)))
MOST_PATIENTS = 9_999_999  # what an identifier has room for


@dataclass(frozen=True, slots=True)
class HospitalPlan:
    """A year of hospital activity that ends at `now`, for `patients` people.

    The same plan gives the same bytes. `recent`: share of the patients who came to the emergency department
    in the last 24 hours, more than a hospital has, so that a small one shows some. `now` must carry a time
    zone; ValueError otherwise, when `patients` is out of bounds or when `seed` is negative.
    """

    seed: int = 2023
    patients: int = 1000
    now: datetime = DEFAULT_NOW
    recent: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a plan that cannot be generated."""
        if not 1 <= self.patients <= MOST_PATIENTS:
            raise ValueError(
                f"expected 1 to {MOST_PATIENTS:,} patients, got {self.patients:,}: ask for another number"
            )
        if not 0 <= self.seed < 2**63:
            raise ValueError(f"expected a seed from 0 to 2^63 - 1, got {self.seed}: choose another one")
        if self.now.utcoffset() is None:
            raise ValueError(
                f"expected a time zone in `now`, got {self.now.isoformat()}: add the offset, e.g. +02:00"
            )

    @property
    def now_minute(self) -> int:
        """Give `now` in minutes since 1970."""
        return int((self.now - _EPOCH) / timedelta(minutes=1))

    @property
    def start_minute(self) -> int:
        """Give the beginning of the year, in minutes since 1970."""
        return self.now_minute - 365 * 1440

"""What to generate: seed, number of patients, the instant taken as the present."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

DEFAULT_NOW = datetime(2023, 6, 15, 10, tzinfo=timezone(timedelta(hours=2)))


@dataclass(frozen=True, slots=True)
class HospitalPlan:
    """A year of hospital activity that ends at `now`, for `patients` people.

    The same plan gives the same bytes. `now` must carry a time zone; ValueError otherwise,
    or when `patients` is below 1.
    """

    seed: int = 2023
    patients: int = 1000
    now: datetime = DEFAULT_NOW

    def __post_init__(self) -> None:
        """Refuse a plan that cannot be generated."""
        if self.patients < 1:
            raise ValueError(f"expected at least 1 patient, got {self.patients}: ask for 1 or more")
        if self.now.utcoffset() is None:
            raise ValueError(
                f"expected a time zone in `now`, got {self.now.isoformat()}: add the offset, e.g. +02:00"
            )

"""What to generate: seed, number of patients, the instant taken as the present."""

from __future__ import annotations

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
        if self.patients < 1:
            message = f"expected at least 1 patient, got {self.patients}: ask for 1 or more"
            raise ValueError(message)
        if self.now.utcoffset() is None:
            message = f"expected an instant with its time zone, got {self.now.isoformat()}: add the offset, e.g. +02:00"
            raise ValueError(message)

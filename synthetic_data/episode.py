"""One encounter of a patient, and the slot of time it is placed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from synthetic_data.diagnoses import Diagnosis, Motive
from synthetic_data.population import Person
from synthetic_data.structures import Unit

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """Time kept for one episode; `running`: it ends at `now`, so the episode may still be in progress."""

    earliest: datetime
    latest: datetime
    running: bool = False


@dataclass(frozen=True, slots=True)
class Episode:
    """One encounter. `kind`: stay, consultation or emergency; `end` None: in progress at `now`.

    `outcome`: a row of urgences_sorties.csv for a visit, `domicile` or `deces` for a stay, None while in
    progress. `origin`: the emergency unit a stay comes from. `day_hospital`: a stay planned without a night.
    `number` counts from 1 over the whole hospital; 0 before it is known.
    """

    kind: str
    person: Person
    start: datetime
    end: datetime | None
    unit: Unit
    diagnosis: Diagnosis
    motive: Motive | None = None
    outcome: str | None = None
    origin: Unit | None = None
    day_hospital: bool = False
    number: int = 0

    @property
    def id(self) -> str:
        """Give the resource id."""
        return f"enc-{self.number:06}"

    def ended(self, now: datetime) -> datetime:
        """Give the end, or `now` while the episode is in progress."""
        return self.end or now

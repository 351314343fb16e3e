"""The year of one person as dated episodes: stays, consultations, emergency visits, never two at once.

The year is cut into as many equal slots as there are episodes to place; each episode lives inside its slot. A visit
that ends in admission shares its slot with the stay. Visits of the last 24 hours come after all the slots.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp, log
from random import Random

from synthetic_data.activity import Activity
from synthetic_data.chance import dice
from synthetic_data.clock import at, local
from synthetic_data.diagnoses import Diagnosis, Motive, draw_birth, draw_diagnosis, draw_motive
from synthetic_data.plan import HospitalPlan
from synthetic_data.population import Person
from synthetic_data.rhythm import draw_moment
from synthetic_data.structures import Unit, emergency_unit, unit_for
from synthetic_data.tables import ADULT, proportion, table

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
_OLD = 75
_OUTCOMES = {row["issue"]: row for row in table("urgences_sorties")}


@dataclass(frozen=True, slots=True)
class Episode:
    """One encounter. `end` None: in progress. `kind`: stay, consultation, emergency.

    `outcome`: the row name of urgences_sorties.csv for a visit, `domicile` or `deces` for a stay, None while in
    progress. `origin`: the emergency unit a stay comes from. `day_hospital`: a stay without a night.
    """

    number: int
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

    @property
    def id(self) -> str:
        """Give the resource id."""
        return f"enc-{self.number:06}"


@dataclass(slots=True)
class _Diary:
    """The year being written."""

    plan: HospitalPlan
    person: Person
    rng: Random
    numbers: Iterator[int]
    pages: list[Episode] = field(default_factory=list)

    def taken(self) -> frozenset[str]:
        return frozenset(page.diagnosis.code for page in self.pages)

    def write(self, kind: str, start: datetime, end: datetime | None, unit: Unit, diagnosis: Diagnosis, **rest: object) -> Episode:
        page = Episode(next(self.numbers), kind, self.person, start, end, unit, diagnosis, **rest)  # type: ignore[arg-type]
        self.pages.append(page)
        return page

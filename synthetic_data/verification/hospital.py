"""What a check knows besides the block it looks at: the plan, the patients and the encounters."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.folder import Folder
from synthetic_data.verification.index import Index
from synthetic_data.verification.instants import ABSENT, DAY
from synthetic_data.verification.keys import Ints
from synthetic_data.verification.people import completed_years


@dataclass(frozen=True, slots=True, eq=False)
class Hospital:
    """The folder and the tables; `encounters` is empty until all of them are read, then `patients` likewise.

    `validator`: `module:function` that gives what is wrong with a resource, or None.
    """

    folder: Folder
    patients: Index
    encounters: Index
    validator: str | None = None

    @property
    def start(self) -> int:
        """Give the beginning of the year, in seconds since 1970 UTC."""
        return int(self.folder.plan.start.timestamp())

    @property
    def now(self) -> int:
        """Give the present of the hospital, in seconds since 1970 UTC."""
        return int(self.folder.plan.now.timestamp())

    @property
    def today(self) -> int:
        """Give the day of the present at the place of the hospital, in days since 1970."""
        now = self.folder.plan.now
        return (datetime(now.year, now.month, now.day) - datetime(1970, 1, 1)).days  # noqa: DTZ001 - wall days

    def patients_of(self, block: Block) -> Ints:
        """Give the row of the patient of each line, through `subject` or `patient`; -1 when unknown."""

        def find() -> Ints:
            subject = self.patients.rows(block.keys("subject.reference"))
            return np.where(subject >= 0, subject, self.patients.rows(block.keys("patient.reference")))

        return block.once("patient rows", find)

    def encounters_of(self, block: Block) -> Ints:
        """Give the row of the encounter of each line; -1 when unknown."""
        return block.once("encounter rows", lambda: self.encounters.rows(block.keys("encounter.reference")))

    def ages(self, patients: Ints, seconds: Ints) -> tuple[Ints, Ints]:
        """Give the least and the greatest age in completed years at an instant; -1 and 999 where unknown."""
        born_first = self.patients.at("born_first", patients, ABSENT)
        born_last = self.patients.at("born_last", patients, ABSENT)
        known = (born_first != ABSENT) & (seconds != ABSENT)
        # Paris is one or two hours ahead: each bound takes the hour that makes it wider.
        least = completed_years(np.where(known, born_last, 0), np.where(known, seconds + 3600, 0) // DAY)
        greatest = completed_years(np.where(known, born_first, 0), np.where(known, seconds + 7200, 0) // DAY)
        return np.where(known, least, -1), np.where(known, greatest, 999)

"""The rooms and beds of the hospital, by unit (table lits.csv), in proportion to the patients."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.units import RANK, UNITS
from synthetic_data.facts.volumes import YEAR
from synthetic_data.tables import table
from synthetic_data.templating.columns import Ints

_PER_ROOM = 2


@dataclass(frozen=True, slots=True)
class Bed:
    """A bed. `unit`: rank in `UNITS`; `room`, `number`: in the unit; `alone`: in a room for one."""

    unit: int
    room: int
    number: int
    alone: bool

    @property
    def ward(self) -> str:
        """Give the id of the place of its unit."""
        return UNITS[self.unit]["lieu"]

    @property
    def id(self) -> str:
        """Give its id as a Location."""
        return f"{self.ward}-lit-{self.number:03}"

    @property
    def room_id(self) -> str:
        """Give the id of its room as a Location."""
        return f"{self.ward}-ch-{self.room:03}"


@cache
def beds(patients: int) -> tuple[Bed, ...]:
    """Give all the beds of a hospital of that size, unit by unit, at least one in each unit."""
    return tuple(bed for row in table("lits") for bed in _of_unit(RANK[row["unite"]], _size(row, patients)))


def _size(row: dict[str, str], patients: int) -> int:
    return max(1, round(int(row["lits"]) * patients / YEAR["patients"]))


def _of_unit(unit: int, size: int) -> Iterator[Bed]:
    """Lay out a unit: every third room takes two beds, the others one."""
    room = number = 0
    while number < size:
        room += 1
        wanted = _PER_ROOM if room % 3 == 0 else 1
        taken = min(wanted, size - number)
        for _ in range(taken):
            number += 1
            yield Bed(unit, room, number, alone=taken == 1)


@cache
def by_unit(patients: int) -> tuple[Ints, Ints]:
    """Give, by unit, the rank of its first bed in `beds` and how many it has (0 for units without beds)."""
    units = np.array([bed.unit for bed in beds(patients)])
    size = np.bincount(units, minlength=len(UNITS))
    first = np.zeros(len(UNITS), np.int64)
    first[units[::-1]] = np.arange(len(units))[::-1]
    return first, size

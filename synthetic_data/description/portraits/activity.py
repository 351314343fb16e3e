"""The activity of each pôle and unit, and the beds taken each night of the year."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from synthetic_data.description.gathering.encounters import (
    CONSULTATION,
    EMERGENCY,
    MOVEMENT,
    STAY,
    Encounters,
)
from synthetic_data.description.portraits.nights import nights_of
from synthetic_data.description.structure import Structure
from synthetic_data.verification.instants import ABSENT, DAY
from synthetic_data.verification.keys import Ints

_EPOCH = date(1970, 1, 1)
_COLUMNS = ("stays", "days", "nights", "consultations", "visits", "passages")


@dataclass(frozen=True, slots=True)
class Activity:
    """What a pôle or a unit did: stays with a night, stays without, nights of the stays it answers for.

    `passages`: movements through its beds, those of stays that another unit answers for included.
    """

    name: str
    stays: int = 0
    days: int = 0
    nights: int = 0
    consultations: int = 0
    visits: int = 0
    passages: int = 0


@dataclass(frozen=True, slots=True)
class Pole:
    """A pôle: its activity and that of each of its units."""

    activity: Activity
    units: tuple[Activity, ...]


@dataclass(frozen=True, slots=True)
class Occupancy:
    """`present`: stays in progress at the midnight that ends each day, from `first` on."""

    first: date
    present: tuple[int, ...]
    beds: int

    @property
    def mean(self) -> float:
        """Give the mean number of people in bed."""
        return sum(self.present) / len(self.present) if self.present else 0.0


def poles_of(encounters: Encounters, structure: Structure) -> tuple[Pole, ...]:
    """Add up the activity of the units, pôle by pôle, in the order of their identifiers."""
    counts: dict[str, dict[str, int]] = {}
    for column, chosen, weights in _chosen(encounters):
        for (unit, _), count in chosen.unit.counts(weights).items():
            counts.setdefault(unit, dict.fromkeys(_COLUMNS, 0))[column] = count
    by_pole: dict[str, list[str]] = {}
    for unit in sorted(counts):
        by_pole.setdefault(structure.pole_of(unit), []).append(unit)
    return tuple(
        Pole(
            Activity(
                structure.name_of(pole),
                **{name: sum(counts[unit][name] for unit in units) for name in _COLUMNS},
            ),
            tuple(Activity(structure.name_of(unit), **counts[unit]) for unit in units),
        )
        for pole, units in sorted(by_pole.items())
    )


def _chosen(encounters: Encounters) -> Iterable[tuple[str, Encounters, Ints | None]]:
    stays = encounters.only(STAY)
    over = stays.at(np.flatnonzero(stays.ended))
    nights = nights_of(over)
    without = np.zeros(len(stays), bool)
    without[stays.ended] = nights == 0
    yield "stays", stays.at(np.flatnonzero(~without)), None
    yield "days", stays.at(np.flatnonzero(without)), None
    yield "nights", over, nights
    yield "consultations", encounters.only(CONSULTATION), None
    yield "visits", encounters.only(EMERGENCY), None
    yield "passages", encounters.only(MOVEMENT), None


def occupancy_of(encounters: Encounters, beds: int, start: datetime, now: datetime) -> Occupancy:
    """Count the stays in progress at each midnight strictly inside the period."""
    stays = encounters.only(STAY)
    first = (start.date() - _EPOCH).days
    count = max(0, ((now - timedelta(seconds=1)).date() - start.date()).days)
    enter = np.clip(stays.start_wall // DAY - first, 0, count)
    leave = np.where(stays.end_wall == ABSENT, count, np.clip(stays.end_wall // DAY - first, 0, count))
    change = np.bincount(enter, minlength=count + 1) - np.bincount(leave, minlength=count + 1)
    return Occupancy(start.date(), tuple(map(int, np.cumsum(change)[:count])), beds)

"""What is to be placed in the year: a journey is a consultation, an emergency visit, a stay, or a visit and
the stay it leads to.
"""  # noqa: D205 - one sentence

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from synthetic_data.facts.clock import DAY, HOUR, utc, wall
from synthetic_data.templating.columns import Flags, Ints

NONE = -1
DAY_CLOSES = 20 * HOUR
TO_THE_WARD = 15  # minutes from the emergency department to a bed


@dataclass(frozen=True, slots=True, eq=False)
class Journeys:
    """One row for each journey; times are minutes since 1970, lengths are minutes.

    `person`: rank in the block; `profile`: law of arrival; `fixed`: must keep its `start`. `visit`: length of
    the emergency visit, NONE without; `motive`, `outcome` and `site` describe it. `nights`: of the stay, NONE
    without; a stay lasts `length` when it has no night, else it ends at the wall time `leaves`; `final`: the
    instant it ends at whatever the nights (death), else NONE. A consultation lasts `length`.
    """

    person: Ints
    profile: Ints
    diagnosis: Ints
    fixed: Flags
    start: Ints
    visit: Ints
    motive: Ints
    outcome: Ints
    site: Ints
    nights: Ints
    length: Ints
    leaves: Ints
    final: Ints

    @classmethod
    def blank(cls, person: Ints, profile: int, diagnosis: Ints) -> Self:
        """Start journeys without a visit, a stay or a start."""
        none = np.full(len(person), NONE)
        return cls(
            person=person,
            profile=np.full(len(person), profile),
            diagnosis=diagnosis,
            fixed=np.zeros(len(person), bool),
            start=np.zeros(len(person), np.int64),
            **dict.fromkeys(_OPTIONAL, none),
        )

    @classmethod
    def all_of(cls, parts: list[Self]) -> Self:
        """Put journeys one after the other."""
        return cls(
            **{one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)}
        )

    def taken(self, rows: Ints) -> Self:
        """Keep some rows, in that order."""
        return type(self)(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})


_OPTIONAL = ("visit", "motive", "outcome", "site", "nights", "length", "leaves", "final")


def stay_start(journeys: Journeys) -> Ints:
    """Give when the stays begin: after the visit, if any."""
    visited = journeys.visit != NONE
    return journeys.start + np.where(visited, journeys.visit + TO_THE_WARD, 0)


def end_of(journeys: Journeys) -> Ints:
    """Give when the journeys end, as planned."""
    begin = stay_start(journeys)
    walls = wall(begin)
    midnight = walls - walls % DAY
    closing = utc(np.maximum(midnight + DAY_CLOSES, walls + HOUR))
    same_day = np.minimum(begin + journeys.length, closing)
    later = utc(midnight + journeys.nights * DAY + journeys.leaves)
    staying = np.where(journeys.nights > 0, later, same_day)
    simple = journeys.start + np.where(journeys.visit != NONE, journeys.visit, journeys.length)
    planned = np.where(journeys.nights != NONE, staying, simple)
    return np.where(journeys.final != NONE, journeys.final, planned)

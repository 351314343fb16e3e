"""Who comes how often: the exact activity of a block of patients, shared between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synthetic_data.chance import dice, largest_remainder
from synthetic_data.population import Person
from synthetic_data.volumes import share

_YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Activity:
    """What one person does in the year. `recent`: one of the visits falls in the last 24 hours."""

    stays: int
    consultations: int
    visits: int
    recent: bool


def share_activity(seed: int, people: Sequence[Person]) -> list[Activity]:
    """Share the volumes of one block between its people, by frailty, presence in the year and luck."""
    block = range(people[0].index, people[-1].index + 1)
    recent = _recent_visitors(seed, people, share("urgences_24h", block))
    stays = _split(seed, "stay", people, share("sejours", block))
    consultations = _split(seed, "consultation", people, share("consultations", block))
    visits = _split(seed, "visit", people, share("urgences", block) - len(recent))
    return [
        Activity(stays[rank], consultations[rank], visits[rank] + (person.id in recent), person.id in recent)
        for rank, person in enumerate(people)
    ]


def _weight(person: Person, luck: float) -> float:
    present = (person.seen_until - person.seen_from).days / _YEAR_DAYS
    return (0.2 + person.health.frailty) * present * luck


def _split(seed: int, kind: str, people: Sequence[Person], total: int) -> list[int]:
    """Share `total` episodes; the gamma draw makes some people come often and many not at all."""
    weights = [_weight(person, dice(seed, kind, person.index).gammavariate(0.7, 1.0)) for person in people]
    return largest_remainder(total, weights)


def _recent_visitors(seed: int, people: Sequence[Person], wanted: int) -> set[str]:
    """Choose who came in the last 24 hours, without replacement: the smallest waiting times win."""
    waits = sorted(
        (dice(seed, "recent", person.index).expovariate(0.5 + person.health.frailty), person.id)
        for person in people
        if person.death is None
    )
    return {person_id for _, person_id in waits[:wanted]}

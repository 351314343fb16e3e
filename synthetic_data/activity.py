"""Who comes how often: the exact activity of a block of patients, shared between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from synthetic_data.chance import dice, largest_remainder
from synthetic_data.population import Person
from synthetic_data.volumes import share

_YEAR_DAYS = 365
_BIRTH = 12.0  # makes most newborns have at least one stay


@dataclass(frozen=True, slots=True)
class Activity:
    """What one person does in the year. `recent`: one of the visits falls in the last 24 hours."""

    stays: int
    consultations: int
    visits: int
    recent: bool


def share_activity(seed: int, people: Sequence[Person]) -> list[Activity]:
    """Share the volumes of one block between its people, by frailty, presence in the year and luck.

    People who come to the emergency department have more stays, so that some visits can end in one; newborns
    have that of their birth.
    """
    block = range(people[0].index, people[-1].index + 1)
    recent = _recent_visitors(seed, people, share("urgences_24h", block))
    calm = [1.0] * len(people)
    visits = _split(seed, "visit", people, calm, share("urgences", block) - len(recent))
    sicker = [
        1.0 + count + (person.id in recent) + _BIRTH * person.newborn
        for person, count in zip(people, visits, strict=True)
    ]
    stays = _split(seed, "stay", people, sicker, share("sejours", block))
    consultations = _split(seed, "consultation", people, calm, share("consultations", block))
    return [
        Activity(stays[rank], consultations[rank], visits[rank] + (person.id in recent), person.id in recent)
        for rank, person in enumerate(people)
    ]


def _split(seed: int, kind: str, people: Sequence[Person], needs: Sequence[float], total: int) -> list[int]:
    """Share `total` episodes; the gamma draw makes some people come often and many not at all."""
    weights = [
        (0.2 + person.health.frailty)
        * ((person.seen_until - person.seen_from).days / _YEAR_DAYS)
        * need
        * dice(seed, kind, person.index).gammavariate(0.7, 1.0)
        for person, need in zip(people, needs, strict=True)
    ]
    return largest_remainder(total, weights)


def _recent_visitors(seed: int, people: Sequence[Person], wanted: int) -> set[str]:
    """Choose who came in the last 24 hours, without replacement: the smallest waiting times win."""
    waits = sorted(
        (dice(seed, "recent", person.index).expovariate(0.5 + person.health.frailty), person.id)
        for person in people
        if person.death is None
    )
    return {person_id for _, person_id in waits[:wanted]}

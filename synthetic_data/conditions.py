"""Condition resources: long-term diseases, and the diagnosis of each stay and emergency visit."""

from collections.abc import Iterable, Iterator
from itertools import count

from synthetic_data.clock import stamp
from synthetic_data.diagnoses import diagnosis
from synthetic_data.encounters import attending
from synthetic_data.episode import Episode
from synthetic_data.plan import HospitalPlan
from synthetic_data.population import Person
from synthetic_data.structures import Resource
from synthetic_data.templates import template


def conditions(
    plan: HospitalPlan, people: Iterable[Person], episodes: Iterable[Episode]
) -> Iterator[Resource]:
    """Give the Condition resources: per patient, the problem list, then the diagnoses in time order."""
    diagnosed: dict[str, list[Episode]] = {}
    for episode in episodes:
        if episode.kind != "consultation":
            diagnosed.setdefault(episode.person.id, []).append(episode)
    numbers = count(1)
    for person in people:
        for code in person.health.diseases.values():
            yield _long_term(f"cond-{next(numbers):06}", person, code)
        for episode in diagnosed.get(person.id, []):
            yield _of_episode(f"cond-{next(numbers):06}", plan, episode)


def _long_term(condition_id: str, person: Person, code: str) -> Resource:
    return template("condition").fill(
        id=condition_id,
        verification="confirmed",
        category="problem-list-item",
        code=code,
        label=diagnosis(code).label,
        patient=person.id,
        encounter=None,
        recorded=None,
        practitioner=None,
    )


def _of_episode(condition_id: str, plan: HospitalPlan, episode: Episode) -> Resource:
    """Write a diagnosis; it stays provisional as long as an emergency visit is in progress."""
    undecided = episode.kind == "emergency" and episode.end is None
    return template("condition").fill(
        id=condition_id,
        verification="provisional" if undecided else "confirmed",
        category="encounter-diagnosis",
        code=episode.diagnosis.code,
        label=episode.diagnosis.label,
        patient=episode.person.id,
        encounter=episode.id,
        recorded=stamp(episode.start),
        practitioner=attending(plan, episode),
    )

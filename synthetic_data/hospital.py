"""The whole hospital in load order: every resource comes after those it refers to."""

from collections.abc import Iterator
from dataclasses import dataclass

from synthetic_data.activity import share_activity
from synthetic_data.agenda import draw_episodes
from synthetic_data.cohorts import groups
from synthetic_data.conditions import conditions
from synthetic_data.encounters import encounter
from synthetic_data.episode import Episode
from synthetic_data.imaging import imaging_studies, share_studies
from synthetic_data.laboratory import observations
from synthetic_data.orders import share_tests
from synthetic_data.patients import patient
from synthetic_data.plan import HospitalPlan
from synthetic_data.population import Person, draw_people
from synthetic_data.staff import practitioner_roles, practitioners
from synthetic_data.structures import Resource, locations, organizations
from synthetic_data.volumes import blocks


@dataclass(frozen=True, slots=True)
class _Block:
    """The facts of a hundred patients."""

    indexes: range
    episodes: list[Episode]


def generate(plan: HospitalPlan) -> Iterator[Resource]:
    """Give every FHIR R4 resource of the hospital as JSON objects, new at each call.

    Order: organisations, locations, practitioners, roles, patients, encounters, conditions, observations,
    imaging, groups. `meta.lastUpdated` is left to the server.
    """
    yield from organizations()
    yield from locations()
    yield from practitioners(plan)
    yield from practitioner_roles(plan)
    people = list(draw_people(plan))
    drawn = list(_draw_blocks(plan, people))
    episodes = [episode for block in drawn for episode in block.episodes]
    yield from map(patient, people)
    yield from (encounter(plan, episode) for episode in episodes)
    yield from conditions(plan, people, episodes)
    yield from _observations(plan, drawn)
    yield from _imaging(plan, drawn)
    yield from groups(plan, people, episodes)


def _draw_blocks(plan: HospitalPlan, people: list[Person]) -> Iterator[_Block]:
    number = 1
    for indexes in blocks(plan.patients):
        block = _Block(indexes, [])
        members = people[indexes.start : indexes.stop]
        for person, activity in zip(members, share_activity(plan.seed, members), strict=True):
            drawn = draw_episodes(plan, person, activity, number)
            number += len(drawn)
            block.episodes.extend(drawn)
        yield block


def _observations(plan: HospitalPlan, drawn: list[_Block]) -> Iterator[Resource]:
    number = 1
    for block in drawn:
        tests = share_tests(plan, block.indexes, block.episodes)
        yield from observations(plan, block.episodes, tests, number)
        number += sum(tests)


def _imaging(plan: HospitalPlan, drawn: list[_Block]) -> Iterator[Resource]:
    number = 1
    for block in drawn:
        studies = share_studies(plan, block.indexes, block.episodes)
        yield from imaging_studies(plan, studies, number)
        number += len(studies)

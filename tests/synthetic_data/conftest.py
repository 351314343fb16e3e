"""The default hospital, generated once, with the look-ups the tests share."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import pytest

from synthetic_data import HospitalPlan, generate

Resource = dict[str, Any]


@dataclass(frozen=True)
class Hospital:
    """The resources of a plan in load order."""

    plan: HospitalPlan
    resources: list[Resource]

    @cached_property
    def by_reference(self) -> dict[str, Resource]:
        return {f"{one['resourceType']}/{one['id']}": one for one in self.resources}

    def of_type(self, kind: str) -> list[Resource]:
        return [one for one in self.resources if one["resourceType"] == kind]

    def encounters(self, *classes: str) -> list[Resource]:
        return [one for one in self.of_type("Encounter") if one["class"]["code"] in classes]

    def target(self, reference: Resource) -> Resource:
        return self.by_reference[reference["reference"]]

    def patient(self, resource: Resource) -> Resource:
        return self.target(resource["subject"])

    def members(self, group_id: str) -> set[str]:
        group = self.by_reference[f"Group/{group_id}"]
        return {member["entity"]["reference"] for member in group.get("member", [])}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def code_of(concept: Resource) -> str:
    code: str = concept["coding"][0]["code"]
    return code


def age_at(patient: Resource, when: str) -> int:
    """Completed years; a birth date known by its year alone counts from 1 January."""
    born = [int(part) for part in patient["birthDate"].split("-")]
    year, month, day = [*born, 1, 1][:3] if len(born) == 1 else born
    moment = instant(when)
    return moment.year - year - ((moment.month, moment.day) < (month, day))


@pytest.fixture(scope="session")
def hospital() -> Hospital:
    plan = HospitalPlan()
    return Hospital(plan, list(generate(plan)))

"""How the tests read a generated hospital: by type, by reference, by patient.

New types and families appear without notice: what is asked here is asked for by name.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from synthetic_data import HospitalPlan

Resource = dict[str, Any]


@dataclass(frozen=True, repr=False)
class Hospital:
    """The resources of a plan in load order."""

    plan: HospitalPlan
    resources: list[Resource]

    @cached_property
    def by_reference(self) -> dict[str, Resource]:
        """Give the resources by `Type/id`."""
        return {f"{one['resourceType']}/{one['id']}": one for one in self.resources}

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        grouped: dict[str, list[Resource]] = {}
        for one in self.resources:
            grouped.setdefault(one["resourceType"], []).append(one)
        return grouped

    @property
    def types(self) -> list[str]:
        """Give the types of resources, in load order."""
        return list(self._by_type)

    def of_type(self, kind: str) -> list[Resource]:
        """Give the resources of a type, in load order."""
        return self._by_type.get(kind, [])

    @cached_property
    def laboratory(self) -> list[Resource]:
        """The laboratory acts."""
        return [
            one
            for one in self.of_type("Observation")
            if "laboratory" in [code_of(category) for category in one.get("category", [])]
        ]

    @cached_property
    def visits(self) -> list[Resource]:
        """The encounters that are not a part of another one."""
        return [one for one in self.of_type("Encounter") if "partOf" not in one]

    def encounters(self, *classes: str) -> list[Resource]:
        """Give the encounters of these classes, without the movements inside them."""
        return [one for one in self.visits if one["class"]["code"] in classes]

    def target(self, reference: Resource) -> Resource:
        """Follow a reference."""
        return self.by_reference[reference["reference"]]

    def patient(self, resource: Resource) -> Resource:
        """Give the patient a resource is about."""
        return self.target(resource["subject"])

    def members(self, group_id: str) -> set[str]:
        """Give the references of the members of a group."""
        group = self.by_reference[f"Group/{group_id}"]
        return {member["entity"]["reference"] for member in group.get("member", [])}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def code_of(concept: Resource) -> str:
    code: str = concept["coding"][0]["code"]
    return code


def age_at(patient: Resource, when: str) -> int:
    """Completed years; a birth date known by its year alone counts from 1 January; -1 when unknown."""
    if "birthDate" not in patient:
        return -1
    born = [int(part) for part in patient["birthDate"].split("-")]
    year, month, day = [*born, 1, 1][:3] if len(born) == 1 else born
    moment = instant(when)
    return moment.year - year - ((moment.month, moment.day) < (month, day))


def extension(node: Resource, url: str) -> Resource | None:
    return next((one for one in node.get("extension", []) if one["url"] == url), None)

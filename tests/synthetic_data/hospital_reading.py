"""How the tests read a generated hospital: by type, by reference, by patient."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from synthetic_data import HospitalPlan

Resource = dict[str, Any]
# The types in load order, with the shape of their ids.
PREFIXES = {
    "Organization": r"org-[a-z0-9-]+",
    "Location": r"loc-[a-z0-9-]+",
    "Practitioner": r"prac-\d{4}",
    "PractitionerRole": r"role-\d{4}",
    "Patient": r"pat-\d{6}",
    "Encounter": r"enc-\d{6}",
    "Condition": r"cond-\d{6}",
    "Observation": r"obs-\d{7}",
    "ImagingStudy": r"img-\d{6}",
    "Group": r"group-[a-z-]+",
}


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
        grouped: dict[str, list[Resource]] = {kind: [] for kind in PREFIXES}
        for one in self.resources:
            grouped[one["resourceType"]].append(one)
        return grouped

    def of_type(self, kind: str) -> list[Resource]:
        """Give the resources of a type, in load order."""
        return self._by_type[kind]

    def encounters(self, *classes: str) -> list[Resource]:
        """Give the encounters of these classes."""
        return [one for one in self.of_type("Encounter") if one["class"]["code"] in classes]

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
    """Completed years; a birth date known by its year alone counts from 1 January."""
    born = [int(part) for part in patient["birthDate"].split("-")]
    year, month, day = [*born, 1, 1][:3] if len(born) == 1 else born
    moment = instant(when)
    return moment.year - year - ((moment.month, moment.day) < (month, day))

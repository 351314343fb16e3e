"""Which resources a permission shows: asked of each resource, of each patient, of each rule.

Spec: ``docs/five-levels.md``, section 4.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lab.fhir.compartments import compartment
from lab.fhir.search_parameters import definitions
from lab.proof.reference.permission import Rule, Selection
from lab.proof.reference.search.fhirpath import Node, evaluate
from lab.proof.reference.search.times import interval
from lab.proof.reference.search.values import local

Json = dict[str, Any]
READING = ("read", "search-type")


@dataclass(frozen=True)
class Hospital:
    """The resources as they are, and the time, in milliseconds; ``ended`` are the last contents of others.

    A deleted patient keeps its labels: what is about it stays as visible as it was. ``versions`` are all
    those of each ``Type/id``, oldest first, None for a deletion.
    """

    resources: Sequence[Json]
    now: int
    ended: Sequence[Json] = ()
    versions: Mapping[str, Sequence[Json | None]] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Json]:
        """Return the resources by ``Type/id``."""
        return {f"{r['resourceType']}/{r['id']}": r for r in self.resources}

    @cached_property
    def people(self) -> dict[str, Json]:
        """Return the patients by id, also those deleted."""
        return {r["id"]: r for r in (*self.ended, *self.resources) if r["resourceType"] == "Patient"}

    def patients(self, pool: str) -> set[str]:
        """Return the ids of the patients of a Group or a List."""
        found = self.by_name.get(pool)
        if found is None:
            return set()
        if found["resourceType"] == "Group":
            active = found.get("active", True)
            named = [m["entity"] for m in found.get("member", ()) if active and self._is_member(m)]
        else:
            current = found.get("status") == "current"
            named = [e["item"] for e in found.get("entry", ()) if current and not e.get("deleted")]
        return {id_ for reference in named if (id_ := patient_of(reference))}

    def _is_member(self, member: Json) -> bool:
        period = member.get("period", {})
        begun = "start" not in period or interval(period["start"])[0] <= self.now
        over = "end" in period and interval(period["end"])[1] <= self.now
        return not member.get("inactive") and begun and not over


def patient_of(reference: Json) -> str:
    """Return the id of the patient that a reference leads to, empty for none."""
    place = local(reference.get("reference", ""))
    return place[1] if place and place[0] == "Patient" else ""


def labelled(resource: Json, label: str) -> bool:
    """Tell whether a resource carries a label ``system|code``."""
    security = resource.get("meta", {}).get("security", ())
    return any(f"{coding.get('system', '')}|{coding.get('code', '')}" == label for coding in security)


def about(resource: Json) -> set[str]:
    """Return the ids of the patients that a resource is about: those whose compartments hold it."""
    type_ = resource["resourceType"]
    if type_ == "Patient":
        return {resource["id"]}
    if type_ == "Group":
        return set()
    found = set()
    for code in compartment("Patient").get(type_, ()):
        for node in evaluate(definitions(type_)[code].expression, Node(type_, resource)):
            found.add(patient_of(node.value) if isinstance(node.value, dict) else "")
    return found - {""}


def shown(hospital: Hospital, rules: Iterable[Rule], activity: tuple[str, str], resource: Json) -> bool:
    """Tell whether the rules open a resource to an activity."""
    rules = [r for r in rules if r.activities is None or activity in r.activities]
    permitted = [s for r in rules if r.permit for s in r.selections if s.type == resource["resourceType"]]
    denied = [s for r in rules if not r.permit for s in r.selections or (Selection("", "", ()),)]
    if any(_is_denied(hospital, selection, resource) for selection in denied):
        return False
    if any(not (s.pool or s.labels) for s in permitted):
        return True
    if _stands_for_itself(resource):
        return any(_itself(selection, resource) for selection in permitted)
    patients = about(resource)
    return bool(patients) and all(any(_holds(hospital, s, p, resource) for s in permitted) for p in patients)


def _stands_for_itself(resource: Json) -> bool:
    """Tell whether a resource is of a type outside the compartment, or is a pool about nobody."""
    type_ = resource["resourceType"]
    in_compartment = type_ == "Patient" or type_ in compartment("Patient")
    return not in_compartment or type_ == "Group" or (type_ == "List" and not about(resource))


def _itself(selection: Selection, resource: Json) -> bool:
    name = f"{resource['resourceType']}/{resource['id']}"
    return selection.pool in {"", name} and all(labelled(resource, label) for label in selection.labels)


def _holds(hospital: Hospital, selection: Selection, patient: str, of: Json) -> bool:
    """Tell whether a patient is selected; a Patient is judged by the labels of the version in question."""
    there = of if of["resourceType"] == "Patient" else hospital.people.get(patient, {})
    return (not selection.pool or patient in hospital.patients(selection.pool)) and all(
        labelled(there, label) for label in selection.labels
    )


def _is_denied(hospital: Hospital, selection: Selection, resource: Json) -> bool:
    if selection.type not in {"", resource["resourceType"]}:
        return False
    if not (selection.pool or selection.labels):
        return True
    concerned = about(resource)
    if resource["resourceType"] == "Group" or (resource["resourceType"] == "List" and not concerned):
        return True  # it would name who is denied
    itself = not selection.pool and all(labelled(resource, label) for label in selection.labels)
    return itself or any(_holds(hospital, selection, patient, resource) for patient in concerned)

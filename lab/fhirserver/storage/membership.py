"""What is in which pool: the members of a Group, the entries of a List, and what carries a security label.

Specs: https://hl7.org/fhir/R4/group.html, https://hl7.org/fhir/R4/list.html and
https://hl7.org/fhir/R4/security-labels.html
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import tzinfo
from typing import Any

from lab.fhirserver.storage.fitting import Name
from lab.fhirserver.storage.references import target
from lab.fhirserver.storage.times import BEGINNING, END, interval

DEFINING = frozenset({"Group", "List"})
"""The types that are the pool of their name."""

KEEP = (
    "insert into pool_member(pool, member, low, high) values (?, ?, ?, ?)"
    " on conflict(pool, member, low) do update set high = excluded.high"
)
"""Keeps one membership in the store, the number of the member in the place of its name."""

Member = tuple[str, Name, int, int]
"""A pool, what is in it, and the interval [low, high) of the membership in milliseconds UTC."""


def memberships(resource: Mapping[str, Any], bases: Collection[str], zone: tzinfo) -> Iterator[Member]:
    """Yield the patients whom a Group or a List gathers, and the resource itself for each of its labels."""
    type_, id_ = resource["resourceType"], resource["id"]
    if type_ in DEFINING:
        gathered = _of_group(resource, bases, zone) if type_ == "Group" else _of_list(resource, bases)
        longest: dict[tuple[str, int], int] = {}  # who is named twice is in as long as either says
        for patient, low, high in gathered:
            longest[patient, low] = max(high, longest.get((patient, low), high))
        for (patient, low), high in longest.items():
            yield f"{type_}/{id_}", Name("Patient", patient), low, high
    yield from ((label, Name(type_, id_), BEGINNING, END) for label in labels(resource))


def labels(resource: Mapping[str, Any]) -> Iterator[str]:
    """Yield the pools of the security labels of a resource; one without a system is in none."""
    for coding in resource.get("meta", {}).get("security", ()):
        if "system" in coding and "code" in coding:
            yield f"tag/{coding['system']}|{coding['code']}"


_Gathered = Iterator[tuple[str, int, int]]


def _of_group(group: Mapping[str, Any], bases: Collection[str], zone: tzinfo) -> _Gathered:
    """Yield the active members; an inactive Group has none, nor has an unreadable period."""
    for member in group.get("member", ()) if group.get("active") is not False else ():
        patient = _patient(member.get("entity", {}), bases)
        if patient is None or member.get("inactive") is True:
            continue
        period = member.get("period", {})
        try:
            low = interval(period["start"], zone)[0] if "start" in period else BEGINNING
            high = interval(period["end"], zone)[1] if "end" in period else END
        except ValueError:
            continue
        yield patient, low, high


def _of_list(list_: Mapping[str, Any], bases: Collection[str]) -> _Gathered:
    """Yield the entries of a current List that are not marked as deleted."""
    for entry in list_.get("entry", ()) if list_.get("status") == "current" else ():
        patient = _patient(entry.get("item", {}), bases)
        if patient is not None and entry.get("deleted") is not True:
            yield patient, BEGINNING, END


def _patient(reference: Mapping[str, Any], bases: Collection[str]) -> str | None:
    literal = reference.get("reference")
    pointed = target(literal, bases) if isinstance(literal, str) else None
    return pointed.id if pointed is not None and pointed.type == "Patient" else None

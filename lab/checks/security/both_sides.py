"""A resource on each side of the restricted identity's scopes: one that it reads, one of a closed type."""

from dataclasses import dataclass

from lab.api import Expect, FhirClient
from lab.checks.sample import declared
from lab.checks.security.links import visible_ids
from lab.checks.security.masked import Resource
from lab.checks.security.restriction import Restriction, closed_types
from lab.checks.statement import PREFERRED

_TYPES_TRIED = 8


@dataclass(frozen=True)
class Located:
    """A resource that exists."""

    type: str
    id: str

    @property
    def path(self) -> str:
        """Return where it stands."""
        return f"{self.type}/{self.id}"


def open_types(fhir: FhirClient, limits: Restriction) -> list[str]:
    """Return the declared types that the restricted identity reads and searches, the usual ones first."""
    usual = {type_: place for place, type_ in enumerate(PREFERRED)}
    types = [
        type_
        for type_, codes in declared(fhir).items()
        if {"read", "search-type"} <= codes and limits.opens(type_, "r") and limits.opens(type_, "s")
    ]
    return sorted(types, key=lambda type_: (usual.get(type_, len(usual)), type_))[:_TYPES_TRIED]


def in_scope(fhir: FhirClient, restricted: FhirClient, limits: Restriction, expect: Expect) -> Located:
    """Return a resource that the restricted identity finds by itself; skips when it finds none."""
    types = open_types(fhir, limits)
    for type_ in types:
        for id_ in visible_ids(restricted, type_, 1):
            return Located(type_, id_)
    expect.skip(
        f"L'identité restreinte ne trouve rien des types que ses portées ouvrent ({', '.join(types)}).",
        f"The restricted identity finds nothing of the types that its scopes open ({', '.join(types)}).",
    )


def out_of_scope(fhir: FhirClient, limits: Restriction, expect: Expect) -> tuple[Located, Resource]:
    """Return a resource that exists, of a type that the scopes close; skips when there is none."""
    types = closed_types(fhir, limits, expect)
    for type_ in types[:_TYPES_TRIED]:
        for resource in fhir.search(type_, _count=1).resources(type_, mode="match"):
            if isinstance(resource.get("id"), str):
                return Located(type_, resource["id"]), resource
    expect.skip(
        f"Les types fermés à l'identité restreinte ({', '.join(types)}) ne contiennent rien.",
        f"The types closed to the restricted identity ({', '.join(types)}) hold nothing.",
    )

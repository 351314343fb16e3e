"""Resources that a probe writes about a patient: copies of what the identity reads, marked, removed after.

Their identifiers are of a system of our own, so that what a crash would leave behind can be found.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lab.api import Cohort, Expect, FhirClient, Reply, Truth
from lab.checks.sample import declared, is_id, matches
from lab.checks.security.compartment import about, clinical_types, referred
from lab.checks.security.masked import Resource
from lab.checks.security.restriction import Restriction
from lab.checks.statement import objects
from lab.checks.throwaway import SYSTEM

_LOCATION = re.compile(r"(?:^|/)(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?$")
_NOT_COPIED = frozenset({"id", "meta", "text", "identifier", "contained", "extension"})
_MOST_REMOVED = 8
_CREATED = frozenset({200, 201})


@dataclass(frozen=True)
class Model:
    """A resource of the inside, as the restricted identity reads it, of a type that it may write."""

    type: str
    id: str
    read: Resource
    patient: str

    def copy(self, patient: str, value: str) -> dict[str, Any]:
        """Return a new resource like it about a patient, under an identifier value of ours."""
        kept = {name: item for name, item in self.read.items() if name not in _NOT_COPIED}
        link = "subject" if "subject" in kept else "patient"
        return {
            **kept,
            link: {"reference": f"Patient/{patient}"},
            "identifier": [{"system": SYSTEM, "value": value}],
        }


def writable_server(truth: Truth, expect: Expect) -> None:
    """Omit the check when the manifest declares the server read-only."""
    server = truth.subject.server
    if server is None or server.read_only:
        expect.omit(
            "Le manifeste déclare le serveur en lecture seule (server.read_only = true).",
            "The manifest declares the server read-only (server.read_only = true).",
        )


def model(
    fhir: FhirClient, restricted: FhirClient, limits: Restriction, cohort: Cohort, expect: Expect
) -> Model:
    """Return a resource to copy; omits the check when no scope lets the restricted identity write one."""
    known = declared(fhir)
    types = [
        type_
        for type_ in clinical_types(fhir, limits)
        if limits.opens(type_, "c") and limits.opens(type_, "u") and {"create", "update"} <= known[type_]
    ]
    if not types:
        expect.omit(
            "Les portées de l'identité restreinte et le CapabilityStatement n'ouvrent ensemble l'écriture "
            "(cu) d'aucun type qui porte sur un patient : rien ne peut passer la frontière par elle.",
            "The scopes of the restricted identity and the CapabilityStatement together open the writing "
            "(cu) of no type about a patient: nothing can cross the border through it.",
        )
    for type_ in types:
        found = about(restricted, type_, cohort.inside)
        patients = sorted(referred(found)) if found else []
        if found and len(patients) == 1 and is_id(found.get("id")):
            return Model(type_, str(found["id"]), found, patients[0])
    expect.skip(
        f"Aucune ressource à copier d'un type que l'identité restreinte peut écrire ({', '.join(types)}).",
        f"No resource to copy of a type that the restricted identity may write ({', '.join(types)}).",
    )


def created_id(reply: Reply, type_: str) -> str:
    """Return the id of what an answer says it created, empty when it says none."""
    if reply.status not in _CREATED:
        return ""
    found = _LOCATION.search(reply.header("location") or "")
    if found and found["type"] == type_:
        return found["id"]
    id_ = reply.resource.get("id") if reply.type == type_ else None
    return str(id_) if is_id(id_) else ""


def bearing(fhir: FhirClient, type_: str, value: str) -> list[Resource]:
    """Return the resources that really bear an identifier value of ours."""
    reply = fhir.search(type_, identifier=f"{SYSTEM}|{value}")
    return [
        one
        for one in matches(reply, type_)
        if any(
            item.get("system") == SYSTEM and item.get("value") == value
            for item in objects(one.get("identifier"))
        )
    ]


@contextmanager
def swept(clients: Iterable[FhirClient], type_: str, *values: str) -> Iterator[None]:
    """Remove, at the end of the block, whatever of a type bears one of the identifier values."""
    try:
        yield
    finally:
        for client in clients:
            for value in values:
                for one in bearing(client, type_, value)[:_MOST_REMOVED]:
                    client.delete(f"{type_}/{one['id']}")

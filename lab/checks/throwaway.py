"""Patients that a check writes on the application and removes again, also when the check fails.

Their names are invented and their identifiers are of a system of our own, so that what a crash would leave
behind can be found.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lab.api import Expect, FhirClient, Reply, Truth, status_of
from lab.checks.sample import is_id, matches
from lab.checks.statement import DeclaredType, Statement, objects, part, statement

SYSTEM = "urn:fhir-integration-lab:test"
_LOCATION = re.compile(r"(?:^|/)Patient/([A-Za-z0-9\-.]{1,64})(?:/_history/([A-Za-z0-9\-.]{1,64}))?$")
_MOST_REMOVED = 5


@dataclass(frozen=True)
class Throwaway:
    """A Patient that was created: its id, what was sent, and the answer to its creation."""

    id: str
    sent: dict[str, Any]
    reply: Reply


def patient(value: str, **more: object) -> dict[str, Any]:
    """Return a small valid Patient that bears the identifier value."""
    return {
        "resourceType": "Patient",
        "identifier": [{"system": SYSTEM, "value": value}],
        "active": True,
        "name": [{"use": "official", "family": "Laboratoire", "given": ["Essai"]}],
        "gender": "unknown",
        "birthDate": "1970-01-01",
        **more,
    }


def identifier_of(truth: Truth, check_id: str) -> str:
    """Return the identifier value of the Patients of a check, the same each time a run is repeated."""
    return f"{check_id}-{truth.random(check_id).getrandbits(48):012x}"


def writable(fhir: FhirClient, truth: Truth, expect: Expect, *interactions: str) -> DeclaredType:
    """Return what is declared of Patient; omit the check unless the interactions are offered on it."""
    return declared_writes(fhir, truth, expect, *interactions).types["Patient"]


def declared_writes(fhir: FhirClient, truth: Truth, expect: Expect, *interactions: str) -> Statement:
    """Return the CapabilityStatement; omit the check unless the interactions are offered on Patient."""
    server = truth.subject.server
    if server is None or server.read_only:
        expect.omit(
            "Le manifeste déclare le serveur en lecture seule (server.read_only = true).",
            "The manifest declares the server read-only (server.read_only = true).",
        )
    said = statement(fhir)
    expect.name(said.reply)
    if not said.types:
        expect.skip(
            "Aucun type déclaré : voir SRV-CAP-01 et SRV-CAP-02.",
            "No declared type: see SRV-CAP-01 and SRV-CAP-02.",
        )
    known = said.types.get("Patient")
    missing = [i for i in interactions if known is None or i not in known.interactions]
    if missing or known is None:
        words = ", ".join(missing) or "Patient"
        expect.omit(
            f"Le CapabilityStatement ne déclare pas {words} sur Patient.",
            f"The CapabilityStatement does not declare {words} on Patient.",
        )
    return said


@contextmanager
def created(fhir: FhirClient, expect: Expect, value: str) -> Iterator[Throwaway]:
    """Create a Patient for the length of the block; skip the check when the server does not create it."""
    sent = patient(value)
    reply = fhir.write("POST", "Patient", sent)
    id_, _ = location(reply)
    expect.name(reply)
    if id_ is None:
        expect.skip(
            f"Le Patient d'essai n'a pas été créé ({status_of(reply)}) : voir SRV-CRT-01.",
            f"The test Patient was not created ({status_of(reply)}): see SRV-CRT-01.",
        )
    try:
        yield Throwaway(id_, sent, reply)
    finally:
        fhir.delete(f"Patient/{id_}")


@contextmanager
def swept(fhir: FhirClient, *values: str) -> Iterator[None]:
    """Remove, at the end of the block, every Patient that bears one of the identifier values."""
    try:
        yield
    finally:
        for value in values:
            for id_ in bearing(fhir.search("Patient", identifier=f"{SYSTEM}|{value}"), value)[:_MOST_REMOVED]:
                fhir.delete(f"Patient/{id_}")


def bearing(reply: Reply, value: str) -> list[str]:
    """Return the ids of the Patients of a search that really bear the identifier value."""
    return [
        str(found["id"])
        for found in matches(reply, "Patient")
        if any(
            item.get("system") == SYSTEM and item.get("value") == value
            for item in objects(found.get("identifier"))
        )
    ]


def location(reply: Reply) -> tuple[str | None, str | None]:
    """Return the id and version of a Patient that an answer says it created, None for what it does not say.

    The id is read from the Location, from the body when there is no usable one.
    """
    if reply.status not in {200, 201}:
        return None, None
    found = _LOCATION.search(reply.header("location") or "")
    if found:
        return found[1], found[2]
    id_ = reply.resource.get("id") if reply.type == "Patient" else None
    return (str(id_) if is_id(id_) else None), None


def version_tag(reply: Reply) -> str:
    """Return the ETag of a Patient that was read, made from its versionId when the header is missing."""
    version = part(reply.resource, "meta").get("versionId")
    return reply.header("etag") or (f'W/"{version}"' if is_id(version) else "")

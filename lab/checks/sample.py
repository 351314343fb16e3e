"""What checks search and read: a type that the server declares and really holds, found without guessing."""

from dataclasses import dataclass
from typing import Any

from lab.api import Expect, FhirClient, Reply

PREFERRED = ("Patient", "Encounter", "Observation", "Condition", "Practitioner", "Organization")
PAGE = 5


@dataclass(frozen=True)
class Sample:
    """Resources of one type, as one search page gave them."""

    type: str
    resources: tuple[dict[str, Any], ...]
    reply: Reply


def declared(fhir: FhirClient) -> dict[str, frozenset[str]]:
    """Return the interactions that the CapabilityStatement declares, by resource type."""
    statement = fhir.get("metadata").resource
    found: dict[str, frozenset[str]] = {}
    for rest in _objects(statement.get("rest")):
        for resource in _objects(rest.get("resource")):
            codes = (item.get("code") for item in _objects(resource.get("interaction")))
            found[str(resource.get("type"))] = frozenset(str(code) for code in codes)
    return found


def sample(fhir: FhirClient, expect: Expect, *, at_least: int = 1) -> Sample:
    """Return resources of the first type that is declared readable and searchable and holds enough.

    Skips the check when there is none: nothing could be shown.
    """
    types = declared(fhir)
    usable = [type_ for type_, codes in types.items() if {"read", "search-type"} <= codes]
    for type_ in sorted(usable, key=lambda t: (PREFERRED.index(t) if t in PREFERRED else len(PREFERRED), t)):
        reply = fhir.search(type_, _count=max(PAGE, at_least))
        found = tuple(r for r in reply.resources(type_, mode="match") if isinstance(r.get("id"), str))
        if len(found) >= at_least:
            return Sample(type_, found, reply)
    expect.skip(
        f"Aucun type déclaré lisible et cherchable ne contient {at_least} ressource(s).",
        f"No type declared readable and searchable holds {at_least} resource(s).",
    )


def _objects(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON value
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []

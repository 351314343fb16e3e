"""What checks search and read: a type that the server declares and really holds, found without guessing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.api import Expect, FhirClient, Reply
from lab.checks.statement import part, statement

PAGE = 5
_TYPES_TRIED = 8
_WHOLE = 50
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@dataclass(frozen=True)
class Sample:
    """Resources of one type, as one search page gave them; each has an id of the FHIR form."""

    type: str
    resources: tuple[dict[str, Any], ...]
    reply: Reply

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of the resources."""
        return tuple(str(resource["id"]) for resource in self.resources)


@dataclass(frozen=True)
class KnownSet:
    """A search whose whole result is known: one page gave all of it."""

    type: str
    parameters: Mapping[str, object]
    ids: frozenset[str]
    reply: Reply


def declared(fhir: FhirClient) -> dict[str, frozenset[str]]:
    """Return the interactions that the CapabilityStatement declares, by resource type."""
    return {type_: known.interactions for type_, known in statement(fhir).types.items()}


def sample(fhir: FhirClient, expect: Expect, *, at_least: int = 1) -> Sample:
    """Return resources of the first type that is declared readable and searchable and holds enough.

    Skips the check when there is none: nothing could be shown.
    """
    for type_ in statement(fhir).offering("read", "search-type")[:_TYPES_TRIED]:
        reply = fhir.search(type_, _count=max(PAGE, at_least))
        found = matches(reply, type_)
        if len(found) >= at_least:
            return Sample(type_, found, reply)
    expect.skip(
        f"Aucun type déclaré lisible et cherchable ne contient {at_least} ressource(s).",
        f"No type declared readable and searchable holds {at_least} resource(s).",
    )


def matches(reply: Reply, type_: str) -> tuple[dict[str, Any], ...]:
    """Return the matches of a search that are of the type and have an id of the FHIR form, in order."""
    found = []
    for entry in reply.entries:
        resource = part(entry, "resource")
        if (
            part(entry, "search").get("mode", "match") == "match"
            and resource.get("resourceType") == type_
            and is_id(resource.get("id"))
        ):
            found.append(resource)
    return tuple(found)


def match_ids(reply: Reply, type_: str) -> list[str]:
    """Return the ids of those matches, in order."""
    return [str(resource["id"]) for resource in matches(reply, type_)]


def is_id(value: object) -> bool:
    """Tell whether a value is an id of the FHIR form, so that it can stand in a path."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def known_set(fhir: FhirClient, expect: Expect) -> KnownSet:
    """Return a search with three to five matches in all, whatever the server holds besides them.

    Skips the check when neither a search by ids nor a search of the whole type is such a one.
    """
    found = sample(fhir, expect, at_least=3)
    for parameters in ({"_id": ",".join(found.ids)}, {}):
        reply = fhir.search(found.type, parameters, _count=_WHOLE)
        ids = frozenset(match_ids(reply, found.type))
        if ids.issuperset(found.ids) and reply.link("next") is None and len(ids) < _WHOLE:
            return KnownSet(found.type, parameters, ids, reply)
    expect.skip(
        f"Aucune recherche sur {found.type} n'a un résultat assez petit pour être connu en entier.",
        f"No search on {found.type} has a result small enough to be known whole.",
    )

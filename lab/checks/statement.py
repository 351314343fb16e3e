"""What a server declares in its CapabilityStatement, read without trusting it.

Spec: https://hl7.org/fhir/R4/capabilitystatement.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from lab.api import FhirClient, Reply

PREFERRED = ("Patient", "Encounter", "Observation", "Condition", "Practitioner", "Organization")


@dataclass(frozen=True)
class DeclaredType:
    """``parameters`` maps the name of each search parameter to its type; ``versioning`` may be empty."""

    interactions: frozenset[str]
    parameters: Mapping[str, str]
    versioning: str


@dataclass(frozen=True)
class Statement:
    """The declared resource types, and the interactions declared for the whole system."""

    types: Mapping[str, DeclaredType]
    system: frozenset[str]
    reply: Reply

    def offering(self, *interactions: str) -> list[str]:
        """Return the types that declare all the interactions, the most usual ones first."""
        found = [type_ for type_, it in self.types.items() if it.interactions.issuperset(interactions)]
        usual = {type_: place for place, type_ in enumerate(PREFERRED)}
        return sorted(found, key=lambda type_: (usual.get(type_, len(usual)), type_))


def statement(fhir: FhirClient) -> Statement:
    """Ask for the CapabilityStatement; what is not one declares nothing."""
    reply = fhir.get("metadata")
    return Statement(*_declared(reply.body), reply)


# Every check asks again, since a server may change its mind; most answer the same bytes.
@lru_cache(maxsize=16)
def _declared(body: bytes) -> tuple[Mapping[str, DeclaredType], frozenset[str]]:
    types: dict[str, DeclaredType] = {}
    system: set[str] = set()
    for rest in objects(Reply("", 200, body=body).resource.get("rest")):
        if rest.get("mode", "server") != "server":
            continue
        system |= _codes(rest)
        for resource in objects(rest.get("resource")):
            type_ = resource.get("type")
            if isinstance(type_, str) and type_.isascii() and type_.isalpha():
                types[type_] = DeclaredType(
                    interactions=_codes(resource),
                    parameters={
                        str(item.get("name")): str(item.get("type"))
                        for item in objects(resource.get("searchParam"))
                    },
                    versioning=str(resource.get("versioning", "")),
                )
    return MappingProxyType(types), frozenset(system)


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a JSON array, nothing when the value is no array."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def part(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a member of a JSON object that is an object itself, an empty one when it is not."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _codes(declaring: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(item.get("code")) for item in objects(declaring.get("interaction")))

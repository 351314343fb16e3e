"""List the codes of a ValueSet, and say in JSON Schema that a code must be one of them.

Spec: https://hl7.org/fhir/R4/valueset.html#compose
"""

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]
Expansion = dict[str, frozenset[str]]


class NotExpandableError(Exception):
    """The content of a ValueSet cannot be listed from the definitions at hand; the message says why."""


def expand(url: str, value_sets: Mapping[str, Json], code_systems: Mapping[str, Json]) -> Expansion:
    """Return the codes of a ValueSet by code system: every include, less every exclude.

    Raises:
        NotExpandableError: a filter, or a ValueSet or complete CodeSystem that is not there.
    """
    value_set = versioned(url, value_sets)
    if value_set is None or "compose" not in value_set:
        raise NotExpandableError(f"ValueSet {url} is not defined")
    compose = value_set["compose"]
    found: dict[str, set[str]] = {}
    for include in compose["include"]:
        for system, codes in _part(include, value_sets, code_systems).items():
            found.setdefault(system, set()).update(codes)
    for exclude in compose.get("exclude", ()):
        for system, codes in _part(exclude, value_sets, code_systems).items():
            found.get(system, set()).difference_update(codes)
    return {system: frozenset(codes) for system, codes in found.items() if codes}


def versioned(canonical: str, definitions: Mapping[str, Json]) -> Json | None:
    """Return the definition of that URL; one of another version than the canonical names is not it."""
    url, _, version = canonical.partition("|")
    found = definitions.get(canonical) or definitions.get(url)
    if found is None or (version and found.get("version", version) != version):
        return None
    return found


def coded(type_: str, expansion: Expansion) -> Json:
    """Return the schema of a code, Coding, Quantity or CodeableConcept whose code must be listed.

    A concept that holds only text passes: there is no code to look up.
    """
    if type_ in {"Coding", "Quantity"}:
        return _listed(expansion)
    if type_ == "CodeableConcept":
        return {"properties": {"coding": {"contains": _listed(expansion)}}}
    return {"enum": sorted(frozenset().union(*expansion.values()))}


def _listed(expansion: Expansion) -> Json:
    return {
        "anyOf": [
            {
                "required": ["code", "system"],
                "properties": {"system": {"const": system}, "code": {"enum": sorted(codes)}},
            }
            for system, codes in sorted(expansion.items())
        ]
    }


def _part(part: Json, value_sets: Mapping[str, Json], code_systems: Mapping[str, Json]) -> Expansion:
    """Expand one include or exclude; what it lists is the intersection of what it names."""
    if "filter" in part:
        raise NotExpandableError(f"a filter over {part['system']}")
    named = [expand(url, value_sets, code_systems) for url in part.get("valueSet", ())]
    if "concept" in part:
        named.append({part["system"]: frozenset(concept["code"] for concept in part["concept"])})
    elif "system" in part:
        named.append({part["system"]: frozenset(_whole(part["system"], code_systems))})
    first, *others = named
    return {
        system: codes.intersection(*(other.get(system, frozenset()) for other in others))
        for system, codes in first.items()
    }


def _whole(system: str, code_systems: Mapping[str, Json]) -> Iterator[str]:
    definition = code_systems.get(system)
    if definition is None or definition.get("content") != "complete":
        raise NotExpandableError(f"CodeSystem {system} is not listed in full")
    return _nested(definition.get("concept", []))


def _nested(concepts: list[Json]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _nested(concept.get("concept", []))

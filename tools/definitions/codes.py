"""Expand the ValueSets of required bindings and say in JSON Schema that a code must come from them.

Spec: https://hl7.org/fhir/R4/terminologies.html#required
"""

from collections.abc import Iterator, Mapping

from tools.definitions.logic import Schema, both, child, either, is_in
from tools.definitions.source import Json

Expansion = dict[str, frozenset[str]]


class NotExpandableError(Exception):
    """The content of a ValueSet cannot be listed from the definitions at hand; the message says why."""


def expand(url: str, value_sets: Mapping[str, Json], code_systems: Mapping[str, Json]) -> Expansion:
    """Return the codes of a ValueSet by code system: every include, less every exclude.

    Raises:
        NotExpandableError: a filter, or a ValueSet or complete CodeSystem that is not there.
    """
    value_set = value_sets.get(url.partition("|")[0])
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


def bound(type_: str, expansion: Expansion) -> Schema:
    """Return the schema of an element of type code, Coding or CodeableConcept with a required binding.

    A concept that holds only text passes: there is no code to look up.
    """
    if type_ == "code":
        return {"type": "string", "enum": sorted(frozenset().union(*expansion.values()))}
    listed = either(
        *(
            both(is_in("system", system), is_in("code", *sorted(codes)))
            for system, codes in sorted(expansion.items())
        )
    )
    if type_ == "Coding":
        return {"$ref": "#/$defs/Coding", "allOf": [{"rule": "binding", **listed}]}
    return {"$ref": "#/$defs/CodeableConcept", **child("coding", {"rule": "binding", "contains": listed})}

"""Look up what the R4 schema that ships already says of an element.

Spec: https://hl7.org/fhir/R4/profiling.html (a profile is checked on top of the base definition)
"""

from functools import cache
from typing import Any

from lab.model.release import Release
from lab.validation.fast import schema

Json = dict[str, Any]

_PREFIX = "#/$defs/"


@cache
def definition_of(path: str, release: Release = "R4") -> str:
    """Return the name of the schema definition of an element (``Identifier.use``), empty when there is none.

    ``value[x]`` has none: each of its types has its own.
    """
    owner, _, name = path.rpartition(".")
    value = schema(release)["$defs"].get(owner, {}).get("properties", {}).get(name, {})
    value = value.get("items", value) if isinstance(value, dict) else {}
    value = value.get("then", value)
    return str(value.get("$ref", "")).removeprefix(_PREFIX)


@cache
def choices(path: str, release: Release = "R4") -> frozenset[str]:
    """Return the property names of a choice: ``Extension.value[x]`` gives valueString and so on."""
    owner, _, name = path.removesuffix("[x]").rpartition(".")
    properties = schema(release)["$defs"].get(owner, {}).get("properties", {})
    return frozenset(key for key in properties if key.startswith(name) and key[len(name) :][:1].isupper())


@cache
def resource_types() -> tuple[str, ...]:
    """Return the names of all resource types of R4."""
    return tuple(schema()["$defs"]["Resource"]["properties"]["resourceType"]["enum"])


@cache
def rules() -> frozenset[str]:
    """Return every rule that the schema checks or declares as not checked, invariants among them."""
    found = set(schema()["notChecked"]["invariants"]) | {"ele-1", "sqty-1"}
    stack: list[Any] = [schema()["$defs"]]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if isinstance(node.get("rule"), str):
                found.add(node["rule"])
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return frozenset(found)


def binding(type_: str, value_set: str) -> Json | None:
    """Return the schema of a required binding to a ValueSet of R4 that the base schema lists."""
    url = value_set.partition("|")[0]
    if not url.startswith(("http://hl7.org/fhir/ValueSet/", "http://terminology.hl7.org/ValueSet/")):
        return None
    found = schema()["$defs"].get(f"{type_}-in-{url.rpartition('/')[2]}")
    return {key: value for key, value in found.items() if key not in {"$ref", "type"}} if found else None

"""Masked elements in JSON resources: where they stand, what they say, and the resource without them.

Spec: https://hl7.org/fhir/R4/json.html (``_`` siblings of primitives, choices of type).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from lab.api import parse_path
from lab.checks.security.leaves import nodes

Resource = dict[str, Any]
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_CHOICE = re.compile(
    r"Address|Age|Annotation|Attachment|Base64Binary|Boolean|Canonical|Code|CodeableConcept|Coding"
    r"|ContactPoint|Count|Date|DateTime|Decimal|Distance|Duration|HumanName|Id|Identifier|Instant|Integer"
    r"|Markdown|Money|Oid|Period|PositiveInt|Quantity|Range|Ratio|Reference|SampledData|Signature|String"
    r"|Time|Timing|UnsignedInt|Uri|Url|Uuid"
)


def resources_in(value: Any, type_: str) -> Iterator[Resource]:
    """Yield every resource of a type in a JSON value, contained ones and those of nested Bundles included."""
    return (node for node in nodes(value) if node.get("resourceType") == type_)


def shown(resource: Resource, paths: Iterable[str]) -> list[str]:
    """Return those of the masked paths that the resource still shows; "absent" alone is not shown."""
    return [path for path in paths if any(_says_something(value) for value in values(resource, [path]))]


def values(resource: Resource, paths: Iterable[str]) -> list[Any]:
    """Return what the resource holds at the paths, item by item."""
    found: list[Any] = []
    for path in map(parse_path, paths):
        if path.type == resource.get("resourceType"):
            held = _held(resource, path.elements)
            found += [item for item in held if not path.systems or _of_systems(item, path.systems)]
    return found


def without(resource: Resource, paths: Iterable[str]) -> Resource:
    """Return the resource without what it holds at the paths; what is left is shared, not copied."""
    kept = dict(resource)
    for path in map(parse_path, paths):
        if path.type == resource.get("resourceType"):
            kept = _cut(kept, path.elements, path.systems)
    return kept


def _held(node: Resource, elements: tuple[str, ...]) -> list[Any]:
    head, *rest = elements
    items = [item for name, value in node.items() if _carries(name, head) for item in _items(value)]
    if not rest:
        return items
    return [held for item in items if isinstance(item, dict) for held in _held(item, tuple(rest))]


def _cut(node: Resource, elements: tuple[str, ...], systems: frozenset[str]) -> Resource:
    head, *rest = elements
    kept: Resource = {}
    for name, value in node.items():
        if not _carries(name, head):
            kept[name] = value
        elif rest:
            cut = [_cut(i, tuple(rest), systems) if isinstance(i, dict) else i for i in _items(value)]
            kept[name] = cut if isinstance(value, list) else cut[0]
        elif systems and (left := [item for item in _items(value) if not _of_systems(item, systems)]):
            kept[name] = left
    return kept


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _carries(name: str, element: str) -> bool:
    plain = name.removeprefix("_")
    return plain == element or (
        plain.startswith(element) and _CHOICE.fullmatch(plain, len(element)) is not None
    )


def _of_systems(item: Any, systems: frozenset[str]) -> bool:
    system = item.get("system") if isinstance(item, dict) else None
    return isinstance(system, str) and system in systems


def _says_something(value: Any) -> bool:
    if isinstance(value, dict) and set(value) == {"extension"} and isinstance(value["extension"], list):
        return [e.get("url") for e in value["extension"] if isinstance(e, dict)] != [_ABSENT]
    return value is not None

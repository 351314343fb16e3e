"""Masked elements in JSON resources: where they stand, what they say, and the resource without them.

Spec: https://hl7.org/fhir/R4/json.html (``_`` siblings of primitives, choices of type).
"""

import copy
import re
from collections.abc import Iterable, Iterator
from typing import Any

from lab.api import parse_path

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
    if isinstance(value, list):
        for item in value:
            yield from resources_in(item, type_)
    elif isinstance(value, dict):
        if value.get("resourceType") == type_:
            yield value
        for item in value.values():
            yield from resources_in(item, type_)


def shown(resource: Resource, paths: Iterable[str]) -> list[str]:
    """Return those of the masked paths that the resource still shows; "absent" alone is not shown."""
    return [path for path in paths if any(_says_something(value) for value in values(resource, [path]))]


def values(resource: Resource, paths: Iterable[str]) -> list[Any]:
    """Return what the resource holds at the paths."""
    found: list[Any] = []
    for path in map(parse_path, paths):
        if path.type != resource.get("resourceType"):
            continue
        for holder, name in list(_places(resource, path.elements)):
            value = holder[name]
            found += _of_systems(value, path.systems) if path.systems else [value]
    return found


def without(resource: Resource, paths: Iterable[str]) -> Resource:
    """Return a copy of the resource without what it holds at the paths."""
    kept: Resource = copy.deepcopy(resource)
    for path in map(parse_path, paths):
        if path.type != kept.get("resourceType"):
            continue
        for holder, name in list(_places(kept, path.elements)):
            hidden = _of_systems(holder[name], path.systems) if path.systems else [holder[name]]
            rest = [item for item in holder[name] if item not in hidden] if path.systems else []
            if rest:
                holder[name] = rest
            elif hidden or not path.systems:
                del holder[name]
    return kept


def _places(node: Any, elements: tuple[str, ...]) -> Iterator[tuple[Resource, str]]:
    if isinstance(node, list):
        for item in node:
            yield from _places(item, elements)
    elif isinstance(node, dict):
        for name in [name for name in node if _carries(name, elements[0])]:
            if elements[1:]:
                yield from _places(node[name], elements[1:])
            else:
                yield node, name


def _carries(name: str, element: str) -> bool:
    plain = name.removeprefix("_")
    return plain == element or (
        plain.startswith(element) and _CHOICE.fullmatch(plain, len(element)) is not None
    )


def _of_systems(value: Any, systems: frozenset[str]) -> list[Any]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict) and item.get("system") in systems]


def _says_something(value: Any) -> bool:
    if isinstance(value, list):
        return any(_says_something(item) for item in value)
    if isinstance(value, dict):
        extensions = value.get("extension")
        urls = (
            [e.get("url") for e in extensions if isinstance(e, dict)] if isinstance(extensions, list) else []
        )
        return set(value) != {"extension"} or urls != [_ABSENT]
    return value is not None

"""Visit every element of a resource, with its type and the resource it belongs to.

The types come from the schema that ships; what it does not know is not visited. No recursion: a resource is
hostile input and may be as deep as the parser lets it.

Spec: https://hl7.org/fhir/R4/json.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from lab.model.release import Release
from lab.validation.fast import schema

Json = dict[str, Any]
Steps = tuple[Any, ...]
"""A path from the inside out: ``("family", (0, ("name", ())))``, so that a child shares its parent's."""

NULLS = "array of primitives with null"
# Types without rules of their own and without arrays of primitives: nothing to see when nothing is inside.
_QUIET = frozenset({"Age", "Coding", "ContactPoint", "Count", "Distance", "Duration", "Element", "Quantity"})
_RESOURCE = "Resource"
_PREFIX = "#/$defs/"


@dataclass(frozen=True)
class Scope:
    """The resource that references with ``#`` are about, the Bundle that it is an entry of, the release."""

    release: Release
    resource: Json
    contained: Mapping[str, str] = field(default_factory=dict)
    entries: Mapping[str, str] | None = None


class Visit(NamedTuple):
    """One element: its definition (``Period``, ``Reference-to-Patient``), its value and where it is.

    A tuple because there are dozens per resource: it is made three times as fast as a frozen dataclass.
    """

    definition: str
    value: Json
    steps: Steps
    scope: Scope
    contained: bool
    root: str

    @property
    def path(self) -> str:
        """Return the place as ``Patient.name[0].family``."""
        parts: list[str] = []
        steps = self.steps
        while steps:
            step, steps = steps
            parts.append(f"[{step}]" if isinstance(step, int) else f".{step}")
        return self.root + "".join(reversed(parts))


def walk(resource: Json, release: Release = "R4") -> Iterator[Visit]:
    """Yield the resource, of a release, the resources in it and every element that is a JSON object.

    An array of primitives that holds null is visited as ``NULLS``: its value is the array and its sibling.
    """
    root = _type_of(resource, release)
    stack = [Visit(_RESOURCE, resource, (), Scope(release, resource), False, root)]
    while stack:
        visit = stack.pop()
        if visit.definition == _RESOURCE:
            visit = _as_resource(visit)
        yield visit
        if visit.definition != NULLS:
            stack += _inside(visit)


def _inside(visit: Visit) -> Iterator[Visit]:
    """Yield what is directly inside an element."""
    _, value, steps, scope, contained, root = visit
    release = scope.release
    children = _children(visit.definition, release)
    for name, inner in value.items():
        definition = children.get(name)
        if definition is None:
            if isinstance(inner, list) and None in inner and not name.startswith("_"):
                pair = {name: inner, f"_{name}": value.get(f"_{name}")}
                yield Visit(NULLS, pair, (name, steps), scope, contained, root)
        elif isinstance(inner, dict):
            if _worth_a_visit(definition, inner, release):
                yield Visit(definition, inner, (name, steps), scope, contained, root)
        elif isinstance(inner, list):
            within = contained or name == "contained"
            for index, item in enumerate(inner):
                if isinstance(item, dict) and _worth_a_visit(definition, item, release):
                    yield Visit(definition, item, (index, (name, steps)), scope, within, root)


def _worth_a_visit(definition: str, value: Json, release: Release) -> bool:
    return definition not in _QUIET or not _children(definition, release).keys().isdisjoint(value)


def _as_resource(visit: Visit) -> Visit:
    """Give a resource its type and, unless it is contained in another one, a scope of its own."""
    resource = visit.value
    scope = visit.scope
    if not visit.contained:
        release = scope.release
        scope = Scope(release, resource, _ids(resource, release), scope.entries)
        if _type_of(resource, release) == "Bundle":
            scope = Scope(release, resource, scope.contained, _full_urls(resource, release))
    return Visit(_type_of(resource, scope.release), resource, visit.steps, scope, visit.contained, visit.root)


def _type_of(resource: Json, release: Release) -> str:
    type_ = resource.get("resourceType")
    return type_ if isinstance(type_, str) and type_ in schema(release)["$defs"] else ""


def _ids(resource: Json, release: Release) -> dict[str, str]:
    contained = resource.get("contained")
    return {
        inner["id"]: _type_of(inner, release)
        for inner in (contained if isinstance(contained, list) else ())
        if isinstance(inner, dict) and isinstance(inner.get("id"), str)
    }


def _full_urls(bundle: Json, release: Release) -> dict[str, str]:
    entries = bundle.get("entry")
    return {
        entry["fullUrl"]: _type_of(entry["resource"], release)
        if isinstance(entry.get("resource"), dict)
        else ""
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("fullUrl"), str)
    }


@cache
def _children(definition: str, release: Release) -> Mapping[str, str]:
    """Return the definitions of the elements inside an element that are JSON objects."""
    definitions = schema(release)["$defs"]
    properties = definitions.get(base_type(definition, release), {}).get("properties", {})
    found = {}
    for name, value in properties.items():
        item = value.get("items", value) if isinstance(value, dict) else {}
        item = item.get("then", item)
        inner = str(item.get("$ref", "")).removeprefix(_PREFIX) if isinstance(item, dict) else ""
        if inner == _RESOURCE or definitions.get(base_type(inner, release), {}).get("type") == "object":
            found[name] = inner
    return found


@cache
def base_type(definition: str, release: Release = "R4") -> str:
    """Return the type that a definition narrows: ``Reference-to-Patient`` is a ``Reference``."""
    reference = schema(release)["$defs"].get(definition, {}).get("$ref", "")
    return base_type(reference.removeprefix(_PREFIX), release) if reference else definition

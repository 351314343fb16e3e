"""Find the places in a resource that the path of a FHIRPath Patch leads to.

Understood: ``Type``, then members (a choice by its name before the type), ``[n]``, ``first()``, ``last()``,
``where(member.member = 'text')`` (or ``true``, ``false``) and ``extension('url')``. Anything else is refused.
An element inside a primitive (an extension of ``birthDate``) has no place here: JSON Patch writes those.

Spec: https://hl7.org/fhir/R4/fhirpatch.html and https://hl7.org/fhirpath/N1/#path-selection
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lab.fhir.strict_json import Json
from lab.fhirserver.shapes import RESOURCE, is_complex, names, shape
from lab.model.release import Release

_NAME = r"[a-z][A-Za-z0-9]*"
_TEXT = r"'(?:[^'\\]|\\['\\/])*'"
_STEP = re.compile(
    rf"""\.where\(\s*(?P<where>{_NAME}(?:\.{_NAME})*)\s*=\s*(?P<value>{_TEXT}|true|false)\s*\)
    |\.extension\(\s*(?P<url>{_TEXT})\s*\)
    |\.(?P<end>first|last)\(\)
    |\.(?P<member>{_NAME})(?!\()
    |\[(?P<index>0|[1-9][0-9]{{0,5}})\]""",
    re.VERBOSE,
)
_ROOT = re.compile(r"[A-Z][A-Za-z]*")


class PathError(ValueError):
    """A path that is not of the grammar, or leads through an element that does not exist."""


class Place(NamedTuple):
    """Where one value of an element is: ``owner[name]``, or ``owner[name][at]`` when it repeats.

    ``element`` is the name without the type of a choice, ``type`` the type of the value, ``within`` that of
    the owner, both of the ``release``. Of a primitive, ``owner["_" + name]`` holds the rest.
    """

    within: str
    owner: Json
    element: str
    name: str
    at: int | None
    type: str
    release: Release

    @property
    def value(self) -> Any:
        """Return the value; None when the element has only an id or extensions."""
        value = self.owner.get(self.name)
        if self.at is None:
            return value
        return value[self.at] if isinstance(value, list) and self.at < len(value) else None

    @property
    def of(self) -> str:
        """Return the type whose elements the value holds, that of a resource by its name; else empty."""
        if not isinstance(self.value, dict):
            return ""
        return str(self.value.get("resourceType")) if self.type == RESOURCE else self.type


Step = tuple[str, Any]
"""``member`` with a name, ``where`` with members and a value, ``index`` with a number (-1 for the last)."""


def parse(path: str, type_: str) -> list[Step]:
    """Return the steps of a path from the resource.

    Raises:
        PathError: the path is not of the grammar, or starts from another type.
    """
    root = _ROOT.match(path)
    if root is None or root[0] != type_:
        raise PathError
    steps: list[Step] = []
    position = root.end()
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            raise PathError
        steps += _steps(match)
        position = match.end()
    return steps


def _steps(match: re.Match[str]) -> list[Step]:
    if match["member"]:
        return [("member", match["member"])]
    if match["where"]:
        return [("where", (match["where"].split("."), _literal(match["value"])))]
    if match["url"]:
        return [("member", "extension"), ("where", (["url"], _literal(match["url"])))]
    if match["end"]:
        return [("index", 0 if match["end"] == "first" else -1)]
    return [("index", int(match["index"]))]


def _literal(text: str) -> str | bool:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith("'") else text == "true"


def select(resource: Json, steps: list[Step], release: Release) -> list[Place]:
    """Return the places that the steps lead to, in order.

    Raises:
        PathError: a member does not exist in the release, or is one of a primitive.
    """
    places = [Place("", {"": resource}, "", "", None, RESOURCE, release)]
    for kind, asked in steps:
        if kind == "member":
            places = [inner for place in places for inner in inside(place, asked)]
        elif kind == "where":
            places = [place for place in places if _holds(place, *asked)]
        else:
            places = places[asked:][:1]
    return places


def inside(place: Place, element: str) -> Iterator[Place]:
    """Yield the places of an element inside another.

    Raises:
        PathError: there is no such element.
    """
    owner, type_, release = place.value, place.of, place.release
    if not is_complex(type_, release) or not names(type_, element, release):
        raise PathError
    for name in sorted(names(type_, element, release)):
        found = shape(type_, name, release)
        rows = [values for values in (owner.get(name), owner.get(f"_{name}")) if values is not None]
        if found and found.repeats:
            longest = max((len(values) for values in rows if isinstance(values, list)), default=0)
            yield from (Place(type_, owner, element, name, n, found.type, release) for n in range(longest))
        elif found and rows:
            yield Place(type_, owner, element, name, None, found.type, release)


def _holds(place: Place, members: list[str], value: object) -> bool:
    places = [place]
    for member in members:
        places = [inner for each in places for inner in inside(each, member)]
    found = [each.value for each in places if each.value is not None]
    return len(found) == 1 and isinstance(found[0], type(value)) and found[0] == value

"""Fill the resource templates: ordinary FHIR JSON in which `$name` stands for a value.

Rules, in full:
- `"$name"` becomes the value itself (text, number, list...); `"Patient/$name"` becomes a text. One per text.
- A value that is missing (None) takes away the object that directly holds it; written `"$name?"`, only that
  element.
- An object or list left without any of its values goes away too, with its constants.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_SLOT = re.compile(r"^(?P<before>[^$]*)\$(?P<name>[a-z_]+)(?P<optional>\??)(?P<after>[^$]*)$")
_GONE = object()
Json = Any  # any JSON value


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one value in a template."""

    before: str
    name: str
    optional: bool
    after: str

    def value(self, values: dict[str, Json]) -> Json:
        """Give the value, alone or inside its text."""
        value = values[self.name]
        if value is None:
            return _GONE
        return f"{self.before}{value}{self.after}" if self.before or self.after else value


@dataclass(frozen=True, slots=True)
class Part:
    """An object that holds values, here or deeper; `holders` are the elements in which they are."""

    elements: dict[str, Json]
    holders: frozenset[str]


@dataclass(frozen=True, slots=True)
class Template:
    """One resource shape."""

    name: str
    shape: Json

    def fill(self, **values: Json) -> dict[str, Json]:
        """Give the resource, as new objects that the caller may change.

        ValueError when the template names a value that is not given, or when its first level lacks one.
        """
        try:
            filled = _fill(self.shape, values)
        except KeyError as missing:
            known = ", ".join(sorted(values))
            raise ValueError(f"{self.name}.json asks for ${missing.args[0]}; it may use {known}") from None
        if filled is _GONE:
            raise ValueError(
                f"{self.name}.json lacks a value of its first level: write it with a ? if optional"
            )
        resource: dict[str, Json] = filled
        return resource


@cache
def template(name: str) -> Template:
    """Read `templates/<name>.json` once."""
    source = files("synthetic_data") / "templates" / f"{name}.json"
    return Template(name, _parse(json.loads(source.read_text(encoding="utf-8"))))


def _parse(node: Json) -> Json:
    """Replace each text that holds a `$` by its slot, and each object by a part."""
    if isinstance(node, dict):
        elements = {key: _parse(child) for key, child in node.items()}
        return Part(elements, frozenset(key for key, child in elements.items() if _holds_values(child)))
    if isinstance(node, list):
        return [_parse(child) for child in node]
    if not isinstance(node, str) or "$" not in node:
        return node
    found = _SLOT.match(node)
    if found is None:
        raise ValueError(f"expected one $placeholder in lower case in a template text, got {node!r}")
    return Slot(found["before"], found["name"], bool(found["optional"]), found["after"])


def _holds_values(node: Json) -> bool:
    if isinstance(node, list):
        return any(_holds_values(child) for child in node)
    return isinstance(node, Slot) or (isinstance(node, Part) and bool(node.holders))


def _fill(node: Json, values: dict[str, Json]) -> Json:
    if isinstance(node, Slot):
        return node.value(values)
    if isinstance(node, Part):
        return _fill_part(node, values)
    if isinstance(node, list):
        items = [value for child in node if (value := _fill(child, values)) is not _GONE]
        return items or _GONE
    return node


def _fill_part(part: Part, values: dict[str, Json]) -> Json:
    filled = {}
    alive = not part.holders
    for key, child in part.elements.items():
        value = child if isinstance(child, str) else _fill(child, values)
        if value is not _GONE:
            filled[key] = value
            alive = alive or key in part.holders
        elif isinstance(child, Slot) and not child.optional:
            return _GONE
    return filled if alive else _GONE

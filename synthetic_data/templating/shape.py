"""Read a resource template: ordinary FHIR JSON in which `$name` stands for a value.

Rules, in full:
- `"$name"` becomes the value itself (text, number, list...); `"Patient/$name"` becomes a text. One per text.
- A value that is missing takes away the object that directly holds it; written `"$name?"`, only that element.
- An object or list left without any of its values goes away too, with its constants.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_SLOT = re.compile(r"^(?P<before>[^$]*)\$(?P<name>[a-z_]+)(?P<optional>\??)(?P<after>[^$]*)$")
Json = Any  # any JSON value


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one value in a template; `before` and `after` are the text around it."""

    before: str
    name: str
    optional: bool
    after: str

    @property
    def whole(self) -> bool:
        """Tell whether the value stands alone, hence keeps its JSON type."""
        return not self.before and not self.after


@dataclass(frozen=True, slots=True)
class Part:
    """An object (`keys` given, as JSON writes them) or a list whose children hold values, here or deeper."""

    children: tuple["Node", ...]
    keys: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Constant:
    """JSON without any value, as text."""

    text: str


Node = Slot | Part | Constant


@cache
def shape(name: str) -> Part:
    """Read `templates/<name>.json` once.

    ValueError when a text of it holds a `$` that is no placeholder, or when it holds no placeholder at all.
    """
    source = files("synthetic_data") / "templates" / f"{name}.json"
    return parse(json.loads(source.read_text(encoding="utf-8")))


def parse(template: dict[str, Json]) -> Part:
    """Read a template given as JSON."""
    node = _parse(template)
    if not isinstance(node, Part):
        raise ValueError("expected at least one $placeholder in a template, got none")  # noqa: TRY004
    return node


def holds_values(node: Node) -> bool:
    """Tell whether there is a placeholder in it."""
    return not isinstance(node, Constant)


def _parse(node: Json) -> Node:
    if isinstance(node, dict):
        children = tuple(_parse(child) for child in node.values())
        keys = tuple(json.dumps(key, ensure_ascii=False)[1:-1] for key in node)
        return Part(children, keys) if any(map(holds_values, children)) else _constant(node)
    if isinstance(node, list):
        children = tuple(_parse(child) for child in node)
        return Part(children, None) if any(map(holds_values, children)) else _constant(node)
    if not isinstance(node, str) or "$" not in node:
        return _constant(node)
    found = _SLOT.match(node)
    if found is None:
        raise ValueError(f"expected one $placeholder in lower case in a template text, got {node!r}")
    return Slot(found["before"], found["name"], bool(found["optional"]), found["after"])


def _constant(node: Json) -> Constant:
    return Constant(json.dumps(node, ensure_ascii=False, separators=(",", ":")))

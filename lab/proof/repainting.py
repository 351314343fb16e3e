"""Other contents of one resource, close enough that masks may hide what differs."""

import re
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from random import Random
from typing import Any

from lab.proof.contents import FAMILIES, in_order, resource
from lab.proof.world import Json

_ALTERED = 4
Place = tuple[str | int, ...]


def repainted(chance: Random, body: Json, names: Iterable[str], same: Callable[[Json], bool]) -> Json:
    """Return the resource with as many differences as ``same`` lets through; ``names`` are tried first.

    What is tried: other elements, another narrative, single places deep inside.
    """
    other = resource(chance, body["resourceType"], body["id"])
    free = sorted((other.keys() | body.keys()) - {"resourceType", "id"})
    swaps = dict.fromkeys([*names, *chance.sample(free, min(2, len(free)))])
    for name in swaps:
        tried = _swapped(body, other, name)
        body = tried if same(tried) else body
    for _ in range(_ALTERED):
        tried = _altered(chance, body, other)
        body = tried if tried != body and same(tried) else body
    tried = _narrated(chance, body)
    return tried if same(tried) else body


def _narrated(chance: Random, body: Json) -> Json:
    """Return the resource with another narrative, or none."""
    if chance.random() < 0.3:
        return {name: value for name, value in body.items() if name != "text"}
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">hidden {chance.randint(0, 9)}</div>'
    return in_order({**body, "text": {"status": "generated", "div": div}})


def _swapped(body: Json, other: Json, name: str) -> Json:
    """Return the resource with one element as the other one has it, whatever its type, or without it."""
    carried = {key for key in (*body, *other) if key == name or re.fullmatch(f"{name}[A-Z].*", key)}
    kept = {key: value for key, value in body.items() if key not in carried}
    return in_order({**kept, **{key: other[key] for key in carried if key in other}})


def _altered(chance: Random, body: Json, other: Json) -> Json:
    """Return the resource with one place deep inside changed: another value, a label put or taken away."""
    changed = deepcopy(body)
    places = [place for place in _places(changed) if place[0] not in {"resourceType", "id"}]
    if not places:
        return changed
    *path, last = chance.choice(places)
    node: Any = changed
    for step in path:
        node = node[step]
    if isinstance(node, dict) and "reference" in node:
        node["display"] = chance.choice(FAMILIES)
    elif last in {"value", "family", "city", "valueString"} and isinstance(node, dict):
        alike = _at(other, (*path, last))
        node[last] = alike if isinstance(alike, str) and isinstance(node[last], str) else node[last]
    elif last in {"display", "telecom", "identifier"} and isinstance(node, dict) and len(node) > 1:
        del node[last]
    return changed


def _places(node: Any, path: Place = ()) -> Iterator[Place]:
    items = enumerate(node) if isinstance(node, list) else node.items() if isinstance(node, dict) else ()
    for name, value in items:
        yield (*path, name)
        yield from _places(value, (*path, name))


def _at(node: Any, path: Place) -> Any:
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return None
    return node

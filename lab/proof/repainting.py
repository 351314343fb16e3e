"""Other contents of one resource, close enough that masks may hide what differs."""

from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

from lab.proof.contents import FAMILIES, in_order, resource
from lab.proof.world import Json

_TRIES = 14
Place = tuple[str | int, ...]


def variants(chance: Random, body: Json) -> Iterator[Json]:
    """Yield resources, each with more differences than the one after it: many elements, then single ones."""
    other = resource(chance, body["resourceType"], body["id"])
    elements = sorted((other.keys() | body.keys()) - {"resourceType", "id"})
    narrative = _narrated(chance, body)
    for _ in range(_TRIES):
        match chance.randint(0, 3):
            case 0:
                yield _swapped(narrative, other, chance.choices(elements or ["text"], k=2))
            case 1:
                yield _swapped(narrative, other, [chance.choice(elements or ["text"])])
            case 2:
                yield _altered(chance, narrative, other)
            case _:
                yield _altered(chance, _altered(chance, narrative, other), other)
    yield narrative


def _narrated(chance: Random, body: Json) -> Json:
    """Return the resource with another narrative, or none."""
    if chance.random() < 0.3:
        return {name: value for name, value in body.items() if name != "text"}
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">hidden {chance.randint(0, 9)}</div>'
    return in_order({**body, "text": {"status": "generated", "div": div}})


def _swapped(body: Json, other: Json, names: list[str]) -> Json:
    kept = {name: value for name, value in body.items() if name not in names}
    return in_order({**kept, **{name: other[name] for name in names if name in other}})


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

"""Put the hidden part of a stored resource back into what a client with masks writes over it.

The client sends the hidden part as it sees it: absent, or the marker of a masked element. Anything else there
is refused, by a rule that looks only at what the client sees: so the refusal tells nothing.
"""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

from lab.fhir.element_path import ElementPath
from lab.fhir.json_names import json_names
from lab.fhir.patient_reference import IN_CONTACT, LABELS, SHADOWS, local_others, names_patient
from lab.fhir.strict_json import Json
from lab.gateway.mandatory import absent

_STALE = frozenset({"generated", "empty", None})


class NotAsSeenError(Exception):
    """The client sent something in place of what is hidden from it."""


def write_back(stored: Json, seen: Json, sent: Json, paths: Iterable[ElementPath]) -> Json:
    """Return what is to be stored: all that was sent, with the hidden part of what is stored.

    ``seen`` is ``stored`` as the client sees it; ``paths`` are all its masks.

    Raises:
        NotAsSeenError: the hidden part did not come back as it was seen.
    """
    paths = tuple(paths)
    own = [path for path in paths if path.type == stored["resourceType"]]
    roots = {"contained", *(root for path in own for root in _whole_roots(path))}
    if any(_members(root, sent) != _members(root, seen) for root in roots) or "text" in sent:
        raise NotAsSeenError
    result = _without(roots, deepcopy(sent))
    if any(path.type == "Patient" for path in paths):
        _restore_labels(_without(roots, stored), _without(roots, seen), result)
    for (element, key), hidden in _hidden_items(own).items():
        if element not in roots:
            _restore_items(element, stored, result, key, hidden)
    if own:
        _restore_meta(stored, seen, result)
    for root in sorted(roots):
        result.update(deepcopy(_members(root, stored)))
    text = stored.get("text")
    # A narrative generated from what has changed would tell a clinician otherwise.
    if text is not None and (_visible(sent) == _visible(seen) or text.get("status") not in _STALE):
        result["text"] = deepcopy(text)
    return result


def _visible(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name not in {"meta", "text"}}


def _whole_roots(path: ElementPath) -> Iterator[str]:
    """Yield the members that must come back as they were seen, to be replaced by what is stored."""
    (root, *deeper) = path.elements
    if deeper or not path.systems:
        yield from json_names(path)[0]
    if path.type == "Patient" and not deeper and not path.systems and root in IN_CONTACT:
        yield "contact"


def _hidden_items(own: Iterable[ElementPath]) -> dict[tuple[str, str], frozenset[str]]:
    """Return, by list and by the key of its items, the values that all the masks together hide."""
    found: dict[tuple[str, str], frozenset[str]] = {}

    def hide(element: str, key: str, values: Iterable[str]) -> None:
        found[element, key] = found.get((element, key), frozenset()).union(values)

    for path in own:
        if path.systems and len(path.elements) == 1:
            hide(path.elements[0], "system", path.systems)
        for holder in ("extension", "modifierExtension"):
            hide(holder, "url", _shadowing(path))
    return found


def _shadowing(path: ElementPath) -> tuple[str, ...]:
    plain = path.type == "Patient" and len(path.elements) == 1 and not path.systems
    return SHADOWS.get(path.elements[0], ()) if plain else ()


def _without(roots: Iterable[str], resource: Json) -> Json:
    return {n: v for n, v in resource.items() if n.removeprefix("_") not in roots}


def _members(root: str, resource: Json) -> Json:
    return {n: v for n, v in resource.items() if n.removeprefix("_") == root}


def _restore_items(element: str, stored: Json, result: Json, key: str, hidden: frozenset[str]) -> None:
    """Put hidden items of a list back among those that were sent, at their place if nothing was changed."""
    sent = result.get(element, [])
    if not hidden or not isinstance(sent, list):
        return
    if any(isinstance(item, dict) and item.get(key) in hidden for item in sent):
        raise NotAsSeenError
    waiting = iter(sent)
    merged: list[Any] = []
    for item in stored.get(element, ()):
        if item.get(key) in hidden:
            merged.append(deepcopy(item))
        else:
            merged += [each for each in [next(waiting, None)] if each is not None]
    merged += waiting
    if merged:
        result[element] = merged


def _restore_meta(stored: Json, seen: Json, result: Json) -> None:
    meta, kept = result.get("meta", {}), stored.get("meta", {})
    if "security" in meta or meta.get("tag", seen["meta"]["tag"]) != seen["meta"]["tag"]:
        raise NotAsSeenError
    others = {name: value for name, value in result.pop("meta", {}).items() if name != "tag"}
    restored = others | {name: deepcopy(kept[name]) for name in ("security", "tag") if name in kept}
    if restored:
        result["meta"] = restored


_Place = tuple[str, ...]


def _restore_labels(stored: Json, seen: Json, result: Json) -> None:
    """Put back what names the patients of references; of one known by it alone, the whole reference."""
    others = local_others(stored)
    labels: dict[tuple[_Place, str], list[Json]] = {}
    unnamed: dict[_Place, list[Json]] = {}
    for place, node in _references(stored, others):
        label = {name: node[name] for name in LABELS if name in node}
        if set(node) <= LABELS:
            unnamed.setdefault(place, []).append(node)
        elif label:
            labels.setdefault((place, _address(node)), []).append(label)
    if _markers(seen) != _markers(result):
        raise NotAsSeenError
    for place, node in _nodes(result):
        if node == absent() and unnamed.get(place):
            original = unnamed[place].pop(0)
            node.clear()
            node.update(deepcopy(original))
        elif names_patient(node, others, place[-1] if place else ""):
            if not LABELS.isdisjoint(node):
                raise NotAsSeenError
            waiting = labels.get((place, _address(node)))
            if waiting:
                node.update(deepcopy(waiting.pop(0)))


def _address(node: Json) -> str:
    return f"{node.get('reference')} {node.get('type')}"


def _markers(resource: Json) -> list[_Place]:
    return [place for place, node in _nodes(resource) if node == absent()]


def _references(resource: Json, others: frozenset[str]) -> Iterator[tuple[_Place, Json]]:
    return (
        (place, node)
        for place, node in _nodes(resource)
        if names_patient(node, others, place[-1] if place else "")
    )


def _nodes(node: Any, place: _Place = ()) -> Iterator[tuple[_Place, Json]]:
    """Yield every object inside, with the names that lead to it."""
    if isinstance(node, list):
        for item in node:
            yield from _nodes(item, place)
    elif isinstance(node, dict):
        yield place, node
        for name, value in list(node.items()):
            yield from _nodes(value, (*place, name))

"""Say in JSON Schema how an item of a slice is told from the others.

Spec: https://hl7.org/fhir/R4/profiling.html#discriminator
"""

import re
from typing import Any

from lab.validation import base
from lab.validation.guide import Guide
from lab.validation.snapshot import Node
from lab.validation.value_sets import NotExpandableError
from lab.validation.values import fixed, pattern

Json = dict[str, Any]

_BY_URL = ({"type": "value", "path": "url"},)


class UndecidableError(Exception):
    """Nothing tells the items of a slice; the message says why."""


def predicate(node: Node, slice_: Node, guide: Guide) -> Json:
    """Return the schema that the items of a slice hold and those of others do not.

    Raises:
        UndecidableError: the discriminator asks for what a schema cannot see.
    """
    if "/" in slice_.element.get("sliceName", ""):
        raise UndecidableError("slices of slices are not programmed")
    is_extension = any(type_["code"] == "Extension" for type_ in node.types)
    by_default = _BY_URL if is_extension else ()
    discriminators = node.element.get("slicing", {}).get("discriminator", by_default)
    if not discriminators:
        raise UndecidableError("the slicing has no discriminator")
    conditions = [_one(slice_, discriminator, guide) for discriminator in discriminators]
    return conditions[0] if len(conditions) == 1 else {"allOf": conditions}


def _one(slice_: Node, discriminator: Json, guide: Guide) -> Json:
    kind, path = discriminator["type"], discriminator["path"]
    if kind == "exists":
        return _exists(slice_, path)
    if kind == "type":
        return _resource_type(slice_, path)
    if kind not in {"value", "pattern"} or "(" in path.replace("extension('", ""):
        raise UndecidableError(f"discriminator {kind} on {path}")
    if path == "url":
        return _has("url", {"const": url_of(slice_)})
    return _walk(slice_, _steps(path), guide)


def _resource_type(slice_: Node, path: str) -> Json:
    """The entries of a Bundle are told by the type of their resource."""
    child = slice_.children.get(path)
    types = [type_["code"] for type_ in child.types] if child else []
    if not types or not set(types) <= set(base.resource_types()):
        raise UndecidableError(f"discriminator type on {path}")
    return _has(path, _has("resourceType", {"enum": sorted(types)}))


def url_of(slice_: Node) -> str:
    """Return the URL of the extension that a slice is about."""
    for type_ in slice_.types:
        for canonical in type_.get("profile", ()):
            return str(canonical.partition("|")[0])
    url = slice_.children["url"].value("fixed") if "url" in slice_.children else None
    return str(url[1]) if url else str(slice_.element["sliceName"])


def _exists(slice_: Node, path: str) -> Json:
    child = slice_.children.get(path) or slice_.children.get(f"{path}[x]")
    if child is None:
        raise UndecidableError(f"discriminator exists on {path}")
    names = [name for name, _ in _names(path, child)]
    there = {"anyOf": [{"required": [name]} for name in names]}
    return {"not": there} if child.element["max"] == "0" else there


def _steps(path: str) -> list[str]:
    """Split ``extension('url').value`` where a step ends, not inside a URL."""
    return [step for step in re.findall(r"extension\('[^']*'\)|[^.]+", path) if step != "$this"]


def _walk(node: Node, steps: list[str], guide: Guide) -> Json:
    """Follow the path of a discriminator from a slice down to the value that tells it."""
    if not steps:
        return _told(node, guide)
    step, *rest = steps
    if step.startswith("extension('"):
        return _extension(node, step.removeprefix("extension('").removesuffix("')"), rest, guide)
    child = node.children.get(step) or node.children.get(f"{step}[x]")
    if child is None:
        raise UndecidableError(f"the slice says nothing of {step}")
    inner = _through(child, rest, guide)
    alternatives = [
        _has(name, {"contains": inner} if repeats else inner) for name, repeats in _names(step, child)
    ]
    return alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}


def _through(child: Node, rest: list[str], guide: Guide) -> Json:
    """Go on inside an element or, when it is sliced and says nothing itself, inside its mandatory slices."""
    try:
        return _walk(child, rest, guide)
    except UndecidableError:
        mandatory = [slice_ for slice_ in child.slices.values() if int(slice_.element["min"]) > 0]
        if len(mandatory) != 1:
            raise
        return _walk(mandatory[0], rest, guide)


def _extension(node: Node, url: str, rest: list[str], guide: Guide) -> Json:
    slices = node.children["extension"].slices.values() if "extension" in node.children else ()
    for slice_ in slices:
        if url_of(slice_) == url:
            inner = _walk(slice_, rest, guide)
            return _has("extension", {"contains": {"allOf": [_has("url", {"const": url}), inner]}})
    raise UndecidableError(f"the slice says nothing of the extension {url}")


def _told(node: Node, guide: Guide) -> Json:
    """Return what the definition says of a value that only the items of the slice have."""
    for prefix, say in (("fixed", fixed), ("pattern", pattern)):
        given = node.value(prefix)
        if given is not None:
            return say(given[1])
    binding = node.element.get("binding", {})
    if binding.get("strength") in {"required", "extensible"} and len(node.types) == 1:
        try:
            return guide.codes(node.types[0]["code"], binding["valueSet"])
        except NotExpandableError as reason:
            raise UndecidableError(str(reason)) from reason
    inside = [_told_inside(name, child, guide) for name, child in node.children.items()]
    conditions = [condition for condition in inside if condition]
    if not conditions:
        raise UndecidableError(f"{node.id} has no fixed value, pattern or binding")
    return {"allOf": conditions}


def _told_inside(name: str, child: Node, guide: Guide) -> Json | None:
    try:
        inner = _told(child, guide)
    except UndecidableError:
        return None
    value = {"contains": inner} if child.repeats else inner
    return _has(name, value) if int(child.element["min"]) > 0 else {"properties": {name: value}}


def _names(step: str, child: Node) -> list[tuple[str, bool]]:
    """Return the property names of an element, more than one for a choice, and whether each is an array."""
    if not child.id.endswith("[x]"):
        return [(step, child.repeats)]
    return [(step + type_["code"][0].upper() + type_["code"][1:], child.repeats) for type_ in child.types]


def _has(name: str, value: Json) -> Json:
    return {"required": [name], "properties": {name: value}}

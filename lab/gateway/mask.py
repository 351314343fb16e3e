"""Remove masked elements from an answer, wherever the same datum could stand.

Besides the listed elements: narrative, contained resources, extensions that repeat the datum, labels of
references to patients, and the tags that would disclose the cohort. Mandatory elements keep their place
with a data-absent-reason ``masked``.

Spec: https://hl7.org/fhir/R4/security-labels.html, value SUBSETTED of v3-ObservationValue
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import orjson

from lab.fhir.element_path import ElementPath
from lab.fhir.json_names import json_names
from lab.fhir.patient_reference import IN_CONTACT, LABELS, SHADOWS, local_others, names_patient
from lab.gateway.mandatory import absent, marker

SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
_HOLDERS = {"Bundle": "entry", "Parameters": "parameter"}
"""What holds resources of other types, and where."""

Resource = dict[str, Any]
Mask = Callable[[Resource], Resource]
Names = tuple[frozenset[str], ...]


Step = Callable[[Resource], None]


def compile_mask(paths: Iterable[ElementPath]) -> Mask:
    """Return the function that masks one resource, Bundles and contained resources included.

    It changes the resource it is given and returns it. A type without a mask is only rid of narrative and
    of labels of patients.
    """
    by_type: dict[str, list[ElementPath]] = {}
    for path in paths:
        by_type.setdefault(path.type, []).append(path)
    steps = {type_: tuple(_steps(of_type)) for type_, of_type in by_type.items()}
    hides_identity = "Patient" in by_type

    def mask(resource: Resource) -> Resource:
        type_ = resource.get("resourceType", "")
        if type_ in _HOLDERS:
            for held in _held(resource):
                mask(held)
            return resource
        if not steps or type_ == "OperationOutcome":
            return resource
        strip(resource)
        if hides_identity:
            _drop_labels(resource, local_others(resource))
        return resource

    def strip(resource: Resource) -> None:
        resource.pop("text", None)
        for step in steps.get(resource.get("resourceType", ""), ()):
            step(resource)
        for inside in (*resource.get("contained", ()), *_held(resource)):
            strip(inside)

    return mask


def _held(resource: Resource) -> Iterator[Resource]:
    name = _HOLDERS.get(resource.get("resourceType", ""))
    return (part["resource"] for part in _parts(resource, name)) if name else iter(())


def _parts(node: Resource, held: str) -> Iterator[Resource]:
    """Yield what holds a resource; parts of Parameters may have parts."""
    for part in node.get(held, ()):
        if "resource" in part:
            yield part
        yield from _parts(part, "part")


def _steps(paths: list[ElementPath]) -> Iterator[Step]:
    """Yield what masks a resource of a type; mandatory elements are declared once all is removed."""
    removed = frozenset(n for path in paths if not path.systems for n in _top_level(path))
    if removed:
        yield partial(_remove, removed)
    for path in paths:
        if path.systems:
            yield partial(_keep_others, json_names(path), "system", path.systems)
        elif len(path.elements) > 1:
            yield partial(_drop, json_names(path))
        yield from _shadow_steps(path)
    for path in paths:
        member = None if path.systems else marker(path)
        if member is not None:
            name, value = member
            yield partial(_declare, json_names(path)[:-1], name, orjson.dumps(value))
    yield _relabel


def _top_level(path: ElementPath) -> frozenset[str]:
    (names, *deeper) = json_names(path)
    return frozenset() if deeper else names | {f"_{name}" for name in names}


def _shadow_steps(path: ElementPath) -> Iterator[Step]:
    if path.type != "Patient" or len(path.elements) != 1 or path.systems:
        return
    (element,) = path.elements
    if element in SHADOWS:
        for holder in ("extension", "modifierExtension"):
            yield partial(_keep_others, (frozenset({holder}),), "url", frozenset(SHADOWS[element]))
    if element in IN_CONTACT:
        yield partial(_drop, (frozenset({"contact"}), frozenset({element})))


def _remove(names: frozenset[str], resource: Resource) -> None:
    for name in names.intersection(resource):
        del resource[name]


def _drop(names: Names, node: Any) -> None:
    """Remove the element at the end of a path, under every item of repeated elements."""
    for parent in _parents(node, names[:-1]):
        found = [name for name in parent if name.removeprefix("_") in names[-1]]
        for name in found:
            del parent[name]
        if found and not parent:  # JSON of FHIR has no empty objects
            parent.update(absent())


def _keep_others(names: Names, key: str, hidden: frozenset[str], resource: Resource) -> None:
    """Remove the items of a list that say one of the hidden values under a key."""
    for parent in _parents(resource, names[:-1]):
        for name in names[-1].intersection(parent):
            kept = [item for item in parent[name] if item.get(key) not in hidden]
            if kept:
                parent[name] = kept
            else:
                del parent[name]
                if not parent:
                    parent.update(absent())


def _declare(names: Names, name: str, value: bytes, resource: Resource) -> None:
    """Say of a mandatory element that it is masked, wherever its parent is; each gets a value of its own."""
    for parent in _parents(resource, names):
        parent[name] = orjson.loads(value)


def _relabel(resource: Resource) -> None:
    """Leave one tag in ``meta``; it is made anew, for the place of a member would tell that it was there."""
    kept = {n: v for n, v in resource.pop("meta", {}).items() if n not in {"security", "tag"}}
    resource["meta"] = {**kept, "tag": [SUBSETTED]}


def _parents(node: Any, names: Names) -> list[Resource]:
    """Return the objects that a path leads to."""
    if isinstance(node, list):
        return [parent for item in node for parent in _parents(item, names)]
    if not isinstance(node, dict):
        return []
    if not names:
        return [node]
    return [parent for name in names[0].intersection(node) for parent in _parents(node[name], names[1:])]


def _drop_labels(node: Resource, others: frozenset[str], role: str = "") -> None:
    """Remove display and identifier from every reference to a patient; ``others`` are local ones to none.

    Every object of every answer passes here: the types of what JSON was read into are compared as they are.
    """
    if ("display" in node or "identifier" in node) and names_patient(node, others, role):
        for label in LABELS:
            node.pop(label, None)
        if not node:
            node.update(absent())
    for name, value in node.items():
        kind = type(value)
        if kind is dict:
            _drop_labels(value, others, name)
        elif kind is list:
            for item in value:
                if type(item) is dict:
                    _drop_labels(item, others, name)

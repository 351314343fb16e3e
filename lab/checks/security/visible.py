"""What a masked application must still get of a resource: everything but the masks and what repeats them.

Specs: https://hl7.org/fhir/R4/extensibility.html, FR Core 2.2.0 (extensions of Patient).
"""

from collections.abc import Iterable
from typing import Any

from lab.api import parse_path
from lab.checks.security.masked import Resource, without
from lab.checks.statement import objects, part

_HL7 = "http://hl7.org/fhir/StructureDefinition"
_FR = "https://hl7.fr/ig/fhir/core/StructureDefinition"
_REPEATING = {
    "Patient.address": (f"{_HL7}/patient-birthPlace", f"{_FR}/fr-core-patient-death-place"),
    "Patient.name": (f"{_HL7}/patient-mothersMaidenName",),
    "Patient.birthDate": (f"{_FR}/fr-core-patient-lunar-date",),
}
"""Extensions that may go with a masked element, because they tell the same."""


def visible(resource: Resource, masked: Iterable[str]) -> Resource:
    """Return a copy without masked elements, narrative, labels of patients, tags, and what repeats a mask."""
    masked = tuple(masked)
    kept = without(resource, masked)
    kept.pop("text", None)
    meta = {name: value for name, value in part(kept, "meta").items() if name not in {"tag", "security"}}
    kept["meta"] = meta
    if any(parse_path(path).type == "Patient" for path in masked):
        _drop_labels(kept)
    if kept.get("resourceType") == "Patient":
        _drop_repetitions(kept, masked)
    return kept


def first_difference(held: Any, served: Any) -> str:
    """Return the path of the first element that is not the same, empty when all are."""
    if isinstance(held, dict) and isinstance(served, dict):
        for name in sorted({*held, *served}):
            if name not in held or name not in served:
                return f".{name}"
            if deeper := first_difference(held[name], served[name]):
                return f".{name}{deeper}"
        return ""
    if isinstance(held, list) and isinstance(served, list) and len(held) == len(served):
        for place, (one, other) in enumerate(zip(held, served, strict=True)):
            if deeper := first_difference(one, other):
                return f"[{place}]{deeper}"
        return ""
    return "" if held == served else " "


def _drop_repetitions(patient: Resource, masked: tuple[str, ...]) -> None:
    repeating = {url for path in masked for url in _REPEATING.get(path, ())}
    for name in ("extension", "modifierExtension"):
        rest = [item for item in objects(patient.pop(name, None)) if item.get("url") not in repeating]
        if rest:
            patient[name] = rest
    for contact in objects(patient.get("contact")):
        for path in masked:
            contact.pop(path.removeprefix("Patient."), None)


def _drop_labels(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _drop_labels(item)
    elif isinstance(node, dict):
        reference = node.get("reference")
        if isinstance(reference, str) and "Patient/" in reference:
            node.pop("display", None)
            node.pop("identifier", None)
        for value in node.values():
            _drop_labels(value)

"""Reads FHIR R4 JSON that comes from outside, without trusting its shape.

Whatever stands in place of the expected list or object reads as absent, never as a crash.
Specs: https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/references.html, SMART scopes v2.
"""

import re
from datetime import UTC, datetime
from typing import Any

JSON = dict[str, Any]

ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
EMERGENCY = "EMER"
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_SCOPE = re.compile(r"system/(\*|[A-Z][A-Za-z]+)\.(\*|read|write|c?r?u?d?s?)(\?\S*)?")
_V1 = {"read": "rs", "write": "cud", "*": "cruds"}
_RESTRICTED = {"R", "V"}


def items(node: Any, name: str) -> list[JSON]:
    """Return the objects of a repeated element."""
    found = node.get(name) if isinstance(node, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def part(node: Any, name: str) -> JSON:
    """Return the object of an element, empty when there is none."""
    found = node.get(name) if isinstance(node, dict) else None
    return found if isinstance(found, dict) else {}


def text(node: Any, name: str) -> str:
    """Return the string of an element, empty when there is none."""
    found = node.get(name) if isinstance(node, dict) else None
    return found if isinstance(found, str) else ""


def strings(node: Any, name: str) -> list[str]:
    """Return the strings of a repeated element."""
    found = node.get(name) if isinstance(node, dict) else None
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def resource_id(resource: JSON) -> str:
    """Return the id of the resource, empty when it is not one."""
    found = text(resource, "id")
    return found if _ID.fullmatch(found) else ""


def referenced(reference: JSON, type_: str) -> str:
    """Return the id that a relative or absolute reference gives for the type, empty for any other form."""
    parts = text(reference, "reference").split("/_history/")[0].rsplit("/", 2)
    return parts[-1] if len(parts) > 1 and parts[-2] == type_ and _ID.fullmatch(parts[-1]) else ""


def instant(value: str) -> datetime | None:
    """Return an instant with its offset, None when the text is not one."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def last_updated(resource: JSON) -> datetime | None:
    """Return ``meta.lastUpdated``."""
    return instant(text(part(resource, "meta"), "lastUpdated"))


def patient_of(encounter: JSON) -> str:
    """Return the id of the patient of an Encounter, empty when it is not shown."""
    return referenced(part(encounter, "subject"), "Patient")


def replaced_by(patient: JSON) -> str:
    """Return the id of the record that must be used in place of a Patient, empty when it counts itself."""
    links = (link for link in items(patient, "link") if text(link, "type") == "replaced-by")
    return next((id_ for link in links if (id_ := referenced(part(link, "other"), "Patient"))), "")


def place_of(encounter: JSON) -> str:
    """Return the id of the Location where the patient is now: the active one, else the last one."""
    places = items(encounter, "location")
    active = [place for place in places if text(place, "status") == "active"]
    return referenced(part((active or places or [{}])[-1], "location"), "Location")


def is_emergency(encounter: JSON) -> bool:
    """Tell whether the Encounter is of class EMER."""
    return text(part(encounter, "class"), "code") == EMERGENCY


def changes_meaning(node: Any) -> bool:
    """Tell whether a modifier extension or implicit rules stand anywhere: we understand none of them.

    Spec: https://hl7.org/fhir/R4/extensibility.html#modifierExtension
    """
    if isinstance(node, list):
        return any(changes_meaning(item) for item in node)
    if not isinstance(node, dict):
        return False
    if node.get("modifierExtension") or node.get("implicitRules"):
        return True
    return any(changes_meaning(value) for value in node.values())


def is_restricted(resource: JSON) -> bool:
    """Tell whether the hospital labelled the resource R or V: it is shown here but never passed on."""
    return any(text(label, "code") in _RESTRICTED for label in items(part(resource, "meta"), "security"))


def allows(scope: str, type_: str, action: str, *, granular: bool = False) -> bool:
    """Tell whether a list of SMART scopes opens an action (``r``, ``s``…) on a type.

    A scope restricted by search parameters counts only when ``granular``: whoever enforces a scope without
    evaluating its restriction would widen it.
    """
    for word in scope.split(" "):
        found = _SCOPE.fullmatch(word)
        if found and found[1] in {"*", type_} and (granular or not found[3]):
            letters = _V1.get(found[2], found[2])
            if action in letters:
                return True
    return False


def outcome(issue: str, diagnostics: str) -> JSON:
    """Return an OperationOutcome with one issue."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": issue, "diagnostics": diagnostics}],
    }

"""The codes of an AuditEvent, and the names under which ours says what R4 has no element for.

Specs: https://hl7.org/fhir/R4/auditevent.html, DICOM part 16 (CID 400, 401), docs/audit.md
"""

from typing import Any

from lab.fhir.interaction import Interaction

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
CLIENT_SYSTEM = "https://lab.chu-toulouse.fr/client"
PERMISSION_SYSTEM = "https://lab.chu-toulouse.fr/permission"
SOURCE_SYSTEM = "https://lab.chu-toulouse.fr/audit-source"
LABORATORY = "laboratory"
"""``agent.altId`` of what the laboratory itself asked in the name of an application."""

Json = dict[str, Any]


def _coding(system: str, code: str, display: str) -> Json:
    return {"system": system, "code": code, "display": display}


def _brief(system: str, code: str, _meaning: str) -> Json:
    """Return a coding without its display: an event has one for each patient, and a hospital many events."""
    return {"system": system, "code": code}


REST = _coding(f"{_TERMINOLOGY}/audit-event-type", "rest", "RESTful Operation")
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
AUTHENTICATION = _coding(DICOM, "110114", "User Authentication")
LOGIN = _coding(DICOM, "110122", "Login")
CLIENT = {"coding": [_coding(DICOM, "110153", "Source Role ID")]}
SECURITY_SERVER = _coding(f"{_TERMINOLOGY}/security-source-type", "6", "Security Server")
APPLICATION_SERVER = _coding(f"{_TERMINOLOGY}/security-source-type", "4", "Application Server")
PERSON = _brief(f"{_TERMINOLOGY}/audit-entity-type", "1", "Person")
SYSTEM_OBJECT = _brief(f"{_TERMINOLOGY}/audit-entity-type", "2", "System Object")
_ROLE = f"{_TERMINOLOGY}/object-role"
PATIENT = _brief(_ROLE, "1", "Patient")
ASKED = _brief(_ROLE, "4", "Domain Resource")
RULE = _brief(_ROLE, "13", "Security Resource")
QUERY = _brief(_ROLE, "24", "Query")
_LIFECYCLE = f"{_TERMINOLOGY}/dicom-audit-lifecycle"
SEEN = _brief(_LIFECYCLE, "6", "Access / Use")
WRITTEN = {
    Interaction.CREATE: _brief(_LIFECYCLE, "1", "Origination / Creation"),
    Interaction.DELETE: _brief(_LIFECYCLE, "14", "Logical deletion"),
}
AMENDED = _brief(_LIFECYCLE, "3", "Amendment")
PURPOSE = f"{_TERMINOLOGY}/v3-ActReason"
INTERACTION = "http://hl7.org/fhir/restful-interaction"

_ACTIONS = {
    Interaction.CREATE: "C",
    Interaction.UPDATE: "U",
    Interaction.PATCH: "U",
    Interaction.DELETE: "D",
    Interaction.READ: "R",
    Interaction.VREAD: "R",
    Interaction.HISTORY_INSTANCE: "R",
    Interaction.HISTORY_TYPE: "R",
    Interaction.HISTORY_SYSTEM: "R",
    Interaction.CAPABILITIES: "R",
}
ALLOWED, REFUSED, FAILED = "0", "4", "8"


def action(interaction: Interaction) -> str:
    """Return the code of AuditEvent.action: searches, operations and Bundles are executed."""
    return _ACTIONS.get(interaction, "E")


def outcome(status: int, *, allowed: bool) -> str:
    """Return the code of AuditEvent.outcome."""
    if status >= 500:
        return FAILED
    return ALLOWED if allowed else REFUSED

"""References to patients, and what else tells who they are: where a mask on Patient reaches beyond its paths.

Spec: https://hl7.org/fhir/R4/references.html#Reference
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

LABELS = frozenset({"display", "identifier"})
"""What tells, in a reference, who is referred to."""

SHADOWS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "address": (
            "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
            "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-death-place",
        ),
        "name": ("http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName",),
        "birthDate": ("https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-lunar-date",),
    }
)
"""Extensions of Patient that repeat what a mask on the named element hides."""

IN_CONTACT = frozenset({"name", "telecom", "address"})
"""Elements of Patient that its contacts have too, and often share."""

_ROLES = frozenset({"subject", "patient", "beneficiary", "focus", "other"})


def names_patient(node: Mapping[str, Any], others: frozenset[str], role: str) -> bool:
    """Tell whether an object is a reference to a patient; ``role`` is the name of the element.

    ``others`` are the local references known to lead to no patient: what a summary leaves out may be one.
    """
    reference = node.get("reference")
    if isinstance(reference, str):
        return "Patient/" in reference or (reference[:1] == "#" and reference not in others)
    # A reference without an address says by its type, or else by its place only, that it is to a patient.
    return bool(node.get("type", "Patient" if role in _ROLES else None) == "Patient")


def local_others(resource: Mapping[str, Any]) -> frozenset[str]:
    """Return the local references to what a resource contains that is no patient."""
    contained = resource.get("contained", ())
    return frozenset(f"#{one.get('id')}" for one in contained if one.get("resourceType") != "Patient")

"""What a masked application must still get of a resource: everything but the masks and what repeats them.

Specs: https://hl7.org/fhir/R4/extensibility.html, FR Core 2.2.0 (extensions of Patient).
"""

from collections.abc import Iterable

from lab.api import parse_path
from lab.checks.security.leaves import leaves, nodes
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


_OWN = frozenset({"tag", "security", "versionId", "lastUpdated"})
"""What of ``meta`` may be another for a masked application: versions tell of changes that it may not see."""


def lost_or_changed(held: Resource, served: Resource, masked: Iterable[str]) -> str:
    """Return the path of the first visible element that is not served as it is held, or nothing.

    Both resources are changed on the way.
    """
    masked = tuple(masked)
    before, after = (dict(leaves(_visible(resource, masked))) for resource in (held, served))
    paths = sorted({*before, *after})
    return next((path for path in paths if before.get(path) != after.get(path)), "")


def _visible(resource: Resource, masked: tuple[str, ...]) -> Resource:
    """Leave out masked elements, narrative, tags, labels of patients, and what repeats a masked element."""
    kept = without(resource, masked)
    kept.pop("text", None)
    kept["meta"] = {n: value for n, value in part(kept, "meta").items() if n not in _OWN}
    if any(parse_path(path).type == "Patient" for path in masked):
        for node in nodes(kept):
            if isinstance(node.get("reference"), str) and "Patient/" in node["reference"]:
                node.pop("display", None)
                node.pop("identifier", None)
    if kept.get("resourceType") == "Patient":
        _drop_repetitions(kept, masked)
    return kept


def _drop_repetitions(patient: Resource, masked: tuple[str, ...]) -> None:
    repeating = [url for path in masked for url in _REPEATING.get(path, ())]
    for name in ("extension", "modifierExtension"):
        rest = [item for item in objects(patient.pop(name, None)) if item.get("url") not in repeating]
        if rest:
            patient[name] = rest
    for contact in objects(patient.get("contact")):
        for path in masked:
            contact.pop(path.removeprefix("Patient."), None)

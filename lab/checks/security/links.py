"""References between types that most servers can search by: the paths on which a closed type could leak."""

from dataclasses import dataclass

from lab.api import FhirClient
from lab.checks.sample import match_ids
from lab.checks.security.masked import Resource


@dataclass(frozen=True)
class Link:
    """``source`` refers to ``target`` by an element that the search parameter ``name`` reads."""

    source: str
    name: str
    target: str


LINKS = (
    *(
        Link(source, "patient", "Patient")
        for source in (
            "Observation",
            "Encounter",
            "Condition",
            "ImagingStudy",
            "Procedure",
            "DiagnosticReport",
            "MedicationRequest",
            "AllergyIntolerance",
            "Immunization",
            "ServiceRequest",
        )
    ),
    Link("Observation", "encounter", "Encounter"),
    Link("Condition", "encounter", "Encounter"),
    Link("ImagingStudy", "encounter", "Encounter"),
    Link("Encounter", "service-provider", "Organization"),
    Link("Encounter", "location", "Location"),
    Link("Patient", "organization", "Organization"),
    Link("Patient", "general-practitioner", "Practitioner"),
    Link("Observation", "performer", "Practitioner"),
    Link("PractitionerRole", "practitioner", "Practitioner"),
    Link("PractitionerRole", "organization", "Organization"),
)

READING = {
    "Observation": ("code", "code"),
    "Condition": ("code", "code"),
    "Procedure": ("code", "code"),
    "DiagnosticReport": ("code", "code"),
    "Encounter": ("class", "class"),
    "Organization": ("name", "name"),
    "Location": ("name", "name"),
    "Practitioner": ("identifier", "identifier"),
}
"""For each type a search parameter and the element that it reads."""


def readable_value(resource: Resource) -> str:
    """Return a value by which the resource can be searched, empty when it holds none."""
    _, element = READING.get(str(resource.get("resourceType")), ("", ""))
    value = resource.get(element)
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict) and isinstance(value.get("coding"), list):
        value = next(iter(value["coding"]), None)
    if isinstance(value, dict):
        value = value.get("code", value.get("value"))
    return value if isinstance(value, str) else ""


def visible_ids(client: FhirClient, type_: str, count: int) -> tuple[str, ...]:
    """Return ids of that type that the identity finds by itself."""
    return tuple(match_ids(client.search(type_, _count=count), type_)[:count])

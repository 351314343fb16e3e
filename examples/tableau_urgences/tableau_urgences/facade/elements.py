"""The elements that a consumer's mask may name, and what else tells the same datum.

``parameters`` are the R4 search parameters that read the element, whether or not we offer them;
``shadows`` are extensions that repeat it. An element of the base resource or of FR Core that is mandatory
keeps its place with a data-absent-reason.
Specs: https://hl7.org/fhir/R4/patient.html#search, FR Core 2.2.0 (fr-core-patient-ins, fr-core-encounter).
"""

from dataclasses import dataclass
from typing import Literal

_HL7 = "http://hl7.org/fhir/StructureDefinition"
_FR = "https://hl7.fr/ig/fhir/core/StructureDefinition"
_ADDRESS = (
    "address",
    "address-city",
    "address-country",
    "address-postalcode",
    "address-state",
    "address-use",
)


@dataclass(frozen=True)
class Element:
    """``mandatory`` is how an absent value is written: a primitive, an object or a list of objects."""

    parameters: tuple[str, ...] = ()
    shadows: tuple[str, ...] = ()
    mandatory: Literal["primitive", "object", "list"] | None = None


ELEMENTS: dict[str, Element] = {
    "Patient.identifier": Element(("identifier",), mandatory="list"),
    "Patient.active": Element(("active",)),
    "Patient.name": Element(
        ("name", "family", "given", "phonetic"), (f"{_HL7}/patient-mothersMaidenName",), "list"
    ),
    "Patient.telecom": Element(("telecom", "phone", "email")),
    "Patient.gender": Element(("gender",), mandatory="primitive"),
    "Patient.birthDate": Element(("birthdate",), (f"{_FR}/fr-core-patient-lunar-date",), "primitive"),
    "Patient.deceased": Element(("deceased", "death-date")),
    "Patient.address": Element(
        (*_ADDRESS, "near"), (f"{_HL7}/patient-birthPlace", f"{_FR}/fr-core-patient-death-place")
    ),
    "Patient.maritalStatus": Element(),
    "Patient.multipleBirth": Element(),
    "Patient.photo": Element(),
    "Patient.contact": Element(),
    "Patient.communication": Element(("language",)),
    "Patient.generalPractitioner": Element(("general-practitioner",)),
    "Patient.managingOrganization": Element(("organization",)),
    "Patient.link": Element(("link",)),
    "Encounter.identifier": Element(("identifier",), mandatory="list"),
    "Encounter.status": Element(("status",), mandatory="primitive"),
    "Encounter.class": Element(("class",), mandatory="object"),
    "Encounter.type": Element(("type",)),
    "Encounter.priority": Element(),
    "Encounter.subject": Element(("patient", "subject")),
    "Encounter.participant": Element(("participant", "practitioner", "participant-type")),
    "Encounter.period": Element(("date",), mandatory="object"),
    "Encounter.reasonCode": Element(("reason-code",)),
    "Encounter.reasonReference": Element(("reason-reference",)),
    "Encounter.diagnosis": Element(("diagnosis",)),
    "Encounter.hospitalization": Element(("special-arrangement",)),
    "Encounter.location": Element(("location", "location-period")),
    "Encounter.serviceProvider": Element(("service-provider",)),
    "Encounter.partOf": Element(("part-of",)),
}


def closed_parameters(type_: str, masked: frozenset[str]) -> frozenset[str]:
    """Return the search parameters of a type that read one of the masked elements."""
    return frozenset(
        name
        for path in masked
        if path.startswith(f"{type_}.")
        for name in (*ELEMENTS[path].parameters, path.partition(".")[2].lower())
    )

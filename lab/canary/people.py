"""Marked patients and those around them, with everything that can repeat a masked element.

Specs: https://hl7.org/fhir/R4/patient.html, https://hl7.org/fhir/R4/relatedperson.html
"""

from collections.abc import Mapping
from typing import Any

from lab.canary.ink import INS_TEST, Ink

Json = dict[str, Any]
SITE, DOCTOR = "Organization/canary-site", "Practitioner/canary-doctor"
IPP = "urn:oid:1.2.250.1.71.4.2.7"
COHORT_TAG = {"system": "https://lab.chu-toulouse.fr/canary", "code": "cohort-marker"}
_EXTENSIONS = "http://hl7.org/fhir/StructureDefinition"


def site() -> Json:
    """Return the organization that everything belongs to."""
    return {"resourceType": "Organization", "id": "canary-site", "name": "Canary site", "active": True}


def doctor() -> Json:
    """Return the practitioner whom everybody has."""
    return {
        "resourceType": "Practitioner",
        "id": "canary-doctor",
        "name": [{"family": "Canary", "given": ["Doctor"]}],
    }


def patient(ink: Ink, id_: str, mark: Mapping[str, Any], *, outside: bool) -> Json:
    """Return a patient; ``mark`` puts it into the cohort where the application has a notion of its own."""
    name = f"Patient/{id_}"

    def hidden(element: str, system: str = "") -> bool:
        return outside or ink.masked("Patient", element, system)

    city = ink.word(name, "address", hidden=hidden("address"))
    family = ink.word(name, "name", hidden=hidden("name"))
    birth = ink.day(name, "birthDate", hidden=hidden("birthDate"))
    phone = ink.phone(name, "telecom", hidden=hidden("telecom"))
    return {
        "resourceType": "Patient",
        "id": id_,
        "meta": {"tag": [COHORT_TAG]},
        "text": _narrative(family, birth, city, phone),
        "extension": [{"url": f"{_EXTENSIONS}/patient-birthPlace", "valueAddress": {"city": city}}],
        "identifier": [
            {
                "use": "official",
                "system": INS_TEST,
                "value": ink.number(name, "identifier", hidden=hidden("identifier", INS_TEST)),
            },
            {
                "use": "usual",
                "system": IPP,
                "value": ink.word(name, "identifier.ipp", hidden=hidden("identifier", IPP)),
            },
        ],
        "active": True,
        "name": [{"use": "official", "family": family, "given": ["Canary"]}],
        "telecom": [{"system": "phone", "value": phone, "use": "mobile"}],
        "gender": "unknown",
        "birthDate": birth,
        "_birthDate": {
            "extension": [
                {"url": f"{_EXTENSIONS}/patient-birthTime", "valueDateTime": f"{birth}T07:30:00+01:00"}
            ]
        },
        "address": [{"line": [f"1 rue {city}"], "city": city, "postalCode": "31059", "country": "FR"}],
        "generalPractitioner": [{"reference": DOCTOR}],
        "managingOrganization": {"reference": SITE},
        **mark,
    }


def _narrative(*values: str) -> Json:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{" ".join(values)}</div>'
    return {"status": "generated", "div": div}


def relative(ink: Ink, patient_id: str) -> Json:
    """Return somebody who lives with a patient of the cohort."""
    name = f"RelatedPerson/canary-relative-{patient_id}"
    city = ink.word(name, "address", hidden=ink.masked("RelatedPerson", "address"))
    return {
        "resourceType": "RelatedPerson",
        "id": f"canary-relative-{patient_id}",
        "patient": {"reference": f"Patient/{patient_id}"},
        "relationship": [{"text": "Proche"}],
        "telecom": [
            {
                "system": "phone",
                "value": ink.phone(name, "telecom", hidden=ink.masked("RelatedPerson", "telecom")),
            }
        ],
        "address": [{"city": city}],
    }

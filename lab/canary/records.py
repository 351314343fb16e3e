"""Marked records about patients: what is asked for by search, and the documents that leaks hide in.

Specs: https://hl7.org/fhir/R4/observation.html, https://hl7.org/fhir/R4/documentreference.html,
https://hl7.org/fhir/R4/binary.html
"""

import base64
from typing import Any

from lab.canary.ink import Ink
from lab.canary.people import SITE

Json = dict[str, Any]
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
CATEGORIES = ("laboratory", "vital-signs")
CODES = (("718-7", "Hemoglobin"), ("8867-4", "Heart rate"))
_CLASS = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "code": "AMB",
    "display": "ambulatory",
}
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def to(id_: str) -> Json:
    """Return a reference to a patient."""
    return {"reference": f"Patient/{id_}"}


def observation(ink: Ink, patient_id: str, rank: int, *, outside: bool) -> Json:
    """Return a result of one of two categories; its identifier is a marker."""
    id_ = f"canary-observation-{patient_id.removeprefix('canary-')}-{rank}"
    code, display = CODES[rank % 2]
    number = ink.word(f"Observation/{id_}", "identifier", hidden=outside)
    return {
        "resourceType": "Observation",
        "id": id_,
        "identifier": [{"system": "urn:fhir-integration-lab:canary", "value": number}],
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": CATEGORIES[rank % 2]}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": display}]},
        "subject": to(patient_id),
        "effectiveDateTime": f"2023-0{1 + rank % 9}-15T10:00:00+01:00",
        "valueQuantity": {
            "value": 10 + rank,
            "unit": "1",
            "system": "http://unitsofmeasure.org",
            "code": "1",
        },
    }


def encounter(ink: Ink, patient_id: str, *, outside: bool) -> Json:
    """Return a visit with its reason, which those who only notify patients must not see."""
    id_ = f"canary-encounter-{patient_id.removeprefix('canary-')}"
    reason = ink.word(
        f"Encounter/{id_}", "reasonCode", hidden=outside or ink.masked("Encounter", "reasonCode")
    )
    return {
        "resourceType": "Encounter",
        "id": id_,
        "status": "finished",
        "class": _CLASS,
        "subject": to(patient_id),
        "period": {"start": "2023-03-01T08:00:00+01:00", "end": "2023-03-01T09:00:00+01:00"},
        "reasonCode": [{"text": reason}],
        "serviceProvider": {"reference": SITE},
    }


def condition(ink: Ink, patient_id: str, *, outside: bool) -> Json:
    """Return a diagnosis."""
    id_ = f"canary-condition-{patient_id.removeprefix('canary-')}"
    words = ink.word(f"Condition/{id_}", "code", hidden=outside or ink.masked("Condition", "code"))
    return {
        "resourceType": "Condition",
        "id": id_,
        "clinicalStatus": {"coding": [{"system": _CLINICAL, "code": "active"}]},
        "code": {"text": words},
        "subject": to(patient_id),
    }


def binary(ink: Ink, patient_id: str, *, outside: bool) -> Json:
    """Return the content of a document; its owner is said by ``securityContext``."""
    id_ = f"canary-binary-{patient_id.removeprefix('canary-')}"
    words = ink.word(f"Binary/{id_}", "data", hidden=outside)
    return {
        "resourceType": "Binary",
        "id": id_,
        "contentType": "text/plain",
        "securityContext": to(patient_id),
        "data": base64.b64encode(words.encode()).decode(),
    }


def document(ink: Ink, patient_id: str, *, outside: bool) -> Json:
    """Return the entry of a document whose content is the Binary of the same patient."""
    id_ = f"canary-document-{patient_id.removeprefix('canary-')}"
    words = ink.word(f"DocumentReference/{id_}", "description", hidden=outside)
    return {
        "resourceType": "DocumentReference",
        "id": id_,
        "status": "current",
        "subject": to(patient_id),
        "description": words,
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain",
                    "url": f"Binary/canary-binary-{patient_id.removeprefix('canary-')}",
                }
            }
        ],
    }

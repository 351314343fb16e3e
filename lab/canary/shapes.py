"""Marked shapes: references, containers and lists by which one patient's data comes out with another's.

``INSIDE`` is in the cohort of the restricted identity, ``OUTSIDE`` is not.
Source: five-levels reference, L4-10 to L4-34, L5-11 to L5-15.
"""

from typing import Any

from lab.canary.ink import INS_TEST, Ink
from lab.canary.people import DOCTOR
from lab.canary.records import CATEGORIES, observation, to

Json = dict[str, Any]
INSIDE, OUTSIDE = "canary-in-1", "canary-out-1"


def shapes(ink: Ink, people: dict[str, Json]) -> dict[str, Json]:
    """Return each shape by its name; ``people`` are the patients by id."""
    inside, outside = people[INSIDE], people[OUTSIDE]
    return {
        "focus": _observation(ink, 11, focus=[_told(outside)]),
        "told": _observation(ink, 12, subject=_told(inside)),
        "contained": _observation(ink, 13, contained=[_inner(inside)], performer=[{"reference": "#inner"}]),
        "performer": _observation(ink, 14, performer=[to(OUTSIDE)]),
        "pointing": _pointing(ink),
        **({} if ink.masked("Patient", "name") else {"noted": _noted(ink, inside)}),
        "list-outside": _list("canary-list-outside", [OUTSIDE]),
        "list-mixed": _list("canary-list-mixed", [INSIDE, OUTSIDE]),
        "task-outside": _task(),
        "provenance-outside": _provenance(),
        "composition": _composition(inside),
        "bundle": _bundle(inside),
    }


def _observation(ink: Ink, rank: int, **more: Any) -> Json:
    return {**observation(ink, INSIDE, rank, outside=False), "category": _laboratory(), **more}


def _pointing(ink: Ink) -> Json:
    """Return a result of somebody outside that refers to a patient inside; its code is a secret too."""
    body = observation(ink, OUTSIDE, 15, outside=True)
    word = ink.word(f"Observation/{body['id']}", "code", hidden=True)
    coding = {"system": "urn:fhir-integration-lab:canary", "code": word}
    return {**body, "category": _laboratory(), "code": {"coding": [coding]}, "focus": [to(INSIDE)]}


def _noted(ink: Ink, patient: Json) -> Json:
    """Return a result that names the patient in free text and in its narrative."""
    family = patient["name"][0]["family"]
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">Hemoglobin of {family}</div>'
    return _observation(
        ink, 16, note=[{"text": f"Told to {family}"}], text={"status": "generated", "div": div}
    )


def _laboratory() -> list[Json]:
    system = "http://terminology.hl7.org/CodeSystem/observation-category"
    return [{"coding": [{"system": system, "code": CATEGORIES[0]}]}]


def _told(patient: Json) -> Json:
    """Return a reference that names the patient beside pointing to it."""
    number = next(item for item in patient["identifier"] if item["system"] == INS_TEST)
    return {
        **to(patient["id"]),
        "display": patient["name"][0]["family"],
        "identifier": {"system": number["system"], "value": number["value"]},
    }


def _inner(patient: Json) -> Json:
    """Return the patient again, as a contained resource."""
    kept = {
        name: value
        for name, value in patient.items()
        if name not in {"meta", "text", "id", "link", "_birthDate"}
    }
    return {**kept, "resourceType": "Patient", "id": "inner"}


def _list(id_: str, patients: list[str]) -> Json:
    return {
        "resourceType": "List",
        "id": id_,
        "status": "current",
        "mode": "working",
        "entry": [{"item": to(patient)} for patient in patients],
    }


def _task() -> Json:
    return {
        "resourceType": "Task",
        "id": "canary-task-outside",
        "status": "requested",
        "intent": "order",
        "for": to(OUTSIDE),
        "description": "Canary task",
    }


def _provenance() -> Json:
    return {
        "resourceType": "Provenance",
        "id": "canary-provenance-outside",
        "target": [to(OUTSIDE)],
        "recorded": "2023-03-01T08:00:00+01:00",
        "agent": [{"who": {"reference": DOCTOR}}],
    }


def _composition(patient: Json) -> Json:
    return {
        "resourceType": "Composition",
        "id": "canary-composition",
        "status": "final",
        "type": {"text": "Canary document"},
        "subject": to(patient["id"]),
        "date": "2023-03-01T08:00:00+01:00",
        "author": [{"reference": DOCTOR}],
        "title": "Canary document",
    }


def _bundle(patient: Json) -> Json:
    return {
        "resourceType": "Bundle",
        "id": "canary-bundle",
        "type": "collection",
        # Without what leads to somebody outside, which would close the whole of it to the cohort.
        "entry": [
            {
                "fullUrl": f"urn:fhir-integration-lab:{patient['id']}",
                "resource": {name: value for name, value in patient.items() if name != "link"},
            }
        ],
    }

"""The resources of an answer on its way to an application, for the acts that read or change them.

Spec: https://hl7.org/fhir/R4/bundle.html
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.strict_json import exact, write
from lab.gateway.act import Stage

Json = dict[str, Any]
_PATIENT = b'"Patient'
_OK = 200
_UNTOUCHED = 1


def patient_ids(answer: FhirResponse) -> tuple[str, ...]:
    """Return the ids of the Patient resources of an answer, in their order."""
    return tuple(str(one["id"]) for one in resources(answer) if one["resourceType"] == "Patient")


def resources(answer: FhirResponse) -> Iterator[Json]:
    """Yield the resource of an answer, or those of the entries of its Bundle."""
    if answer.status != _OK or _PATIENT not in answer.body:
        return
    whole = orjson.loads(answer.body)
    match whole.get("resourceType"):
        case "Bundle":
            yield from (entry["resource"] for entry in whole.get("entry", []) if "resource" in entry)
        case str():  # the manifest of an export names types too, and is no resource
            yield whole


def rewritten(answer: FhirResponse, change: Callable[[Json], Json | None]) -> FhirResponse:
    """Return the answer with each resource changed; None takes it out, and a read of it finds nothing."""
    if answer.status != _OK or _PATIENT not in answer.body:
        return answer
    whole = exact(answer.body)
    if "resourceType" not in whole:
        return answer
    if whole["resourceType"] != "Bundle":
        changed = change(whole)
        if changed is None:
            return FhirError(404, "not-found", "No resource with that id is known here.").response()
        return FhirResponse(answer.status, write(changed), answer.headers)
    kept = [_entry(entry, change) for entry in whole.get("entry", [])]
    left = [entry for entry in kept if entry is not None]
    if isinstance(whole.get("total"), int):
        whole["total"] -= len(kept) - len(left)
    return FhirResponse(answer.status, write({**whole, "entry": left}), answer.headers)


def turn(stage: Stage, patient: str) -> int:
    """Return which third of the patients one is of, -1 before it was given to the application.

    Not everybody is on a screen: an act that people must see is about a whole third of them.
    """
    return list(stage.known).index(patient) % 3 if patient in stage.known else -1


def chosen(stage: Stage, act: str, answer: FhirResponse, third: int) -> bool:
    """Name whom an act is about, the first of a third in the answer; tell whether there is one."""
    patient = next((id_ for id_ in patient_ids(answer) if turn(stage, id_) == third), None)
    if patient is None:
        return False
    stage.cast[act] = patient
    return True


def is_patient(resource: Mapping[str, Any]) -> bool:
    """Tell whether a resource is a Patient."""
    return bool(resource.get("resourceType") == "Patient")


def subject_of(resource: Mapping[str, Any]) -> str:
    """Return the id of the patient that a resource is, or is about; empty when it does not say."""
    if resource.get("resourceType") == "Patient":
        return str(resource.get("id"))
    about = resource.get("subject") or resource.get("patient")
    type_, _, id_ = str(about.get("reference", "") if isinstance(about, dict) else "").rpartition("/")
    return id_ if type_.rpartition("/")[2] == "Patient" else ""


def bystander(
    stage: Stage, answer: FhirResponse, suits: Callable[[Json], bool], *, apart: bool = False
) -> Json | None:
    """Return a resource that suits, of a patient who is neither masked nor taken away; None without one.

    Acts that leave a record as readable as it was may share a patient. The first of that third is kept
    ``apart``, for the act after which a careful application holds the record no more.
    """
    known = list(stage.known)
    kept_apart = known[_UNTOUCHED] if len(known) > _UNTOUCHED else ""
    for one in resources(answer):
        patient = subject_of(one)
        if suits(one) and turn(stage, patient) == _UNTOUCHED and (patient == kept_apart) == apart:
            return one
    return None


def uncast(stage: Stage, answer: FhirResponse, suits: Callable[[Json], bool], third: int) -> Json | None:
    """Return a resource that suits, of a patient of a third whom no act is about yet; None without one.

    For acts after which a patient is no longer shown by name: people must go on seeing the others.
    """
    taken = set(stage.cast.values())
    for one in resources(answer):
        patient = subject_of(one)
        if suits(one) and turn(stage, patient) == third and patient not in taken:
            return one
    return None


def refers_to(resource: Mapping[str, Any], patient: str) -> bool:
    """Tell whether a resource is the patient, or names it anywhere."""
    own = resource.get("resourceType") == "Patient" and resource.get("id") == patient
    return own or f'Patient/{patient}"' in json.dumps(resource, default=str)


def _entry(entry: Json, change: Callable[[Json], Json | None]) -> Json | None:
    if "resource" not in entry:
        return entry
    changed = change(entry["resource"])
    return None if changed is None else {**entry, "resource": changed}

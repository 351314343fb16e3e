"""What every stranger is told to ask for, and what it must be given: read off what was loaded."""

import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Resource = dict[str, Any]
PAGE = 20
SYSTEM = "urn:strangers"
_STAMPS = ("versionId", "lastUpdated")


@dataclass(frozen=True)
class Case:
    """``told`` goes to the program; ``expected`` are the values of its steps, by name."""

    told: dict[str, Any]
    expected: dict[str, Any]


def case(base: str, hospital: Iterable[Resource]) -> Case:
    """Choose what is asked for; every call writes under identifiers of its own."""
    of_type: dict[str, dict[str, Resource]] = defaultdict(dict)
    for resource in hospital:
        of_type[resource["resourceType"]][resource["id"]] = resource
    patient = max(of_type["Patient"], key=lambda id_: len(_of(of_type["Observation"], id_)))
    loaded = of_type["Patient"][patient]
    known = loaded["identifier"][0]
    token, impossible = secrets.token_hex(8), secrets.token_hex(8)
    observations, encounters = _of(of_type["Observation"], patient), _of(of_type["Encounter"], patient)
    told = {
        "base": base,
        "page": PAGE,
        "patient": patient,
        "identifier": f"{known['system']}|{known['value']}",
        "token": f"{SYSTEM}|{token}",
        "sent": _patient(token),
        "transaction": _transaction(_patient(secrets.token_hex(8))),
        "impossible_token": f"{SYSTEM}|{impossible}",
        "impossible": _impossible(_patient(impossible), loaded),
        "batch": _bundle("batch", _asking(f"Patient/{patient}"), _asking("Patient/nobody")),
    }
    expected = {
        "capabilities": "4.0.1",
        "read": loaded,
        "search_by_identifier": [patient],
        "search_to_the_end": sorted(of_type["Encounter"]),
        "search_of_a_patient": observations,
        "search_posted": observations,
        "include": sorted([f"Patient/{patient}", *(f"Encounter/{id_}" for id_ in encounters)]),
        "count": len(observations),
        "create": "1",
        "update": ["2", "1950-05-05"],
        "refresh": ["2", "1950-05-05"],
        "history": ["2", "1"],
        "read_a_version": "1949-04-04",
        "conditional_create": True,
        "conditional_update": [True, "other"],
        "transaction": True,
        "batch": ["200", "404"],
        "everything": encounters,
        "validate": True,
    }
    return Case(told, expected)


def unstamped(resource: Resource) -> Resource:
    """Return a resource as it was loaded: without what the server writes in ``meta``."""
    meta = {name: value for name, value in resource.get("meta", {}).items() if name not in _STAMPS}
    rest = {name: value for name, value in resource.items() if name != "meta"}
    return {**rest, "meta": meta} if meta else rest


def _of(resources: dict[str, Resource], patient: str) -> list[str]:
    reference = {"reference": f"Patient/{patient}"}
    return sorted(id_ for id_, r in resources.items() if reference.items() <= r.get("subject", {}).items())


def _patient(token: str) -> Resource:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": SYSTEM, "value": token}],
        "name": [{"family": "Étranger", "given": ["Zoé"]}],
        "gender": "female",
        "birthDate": "1949-04-04",
    }


def _transaction(patient: Resource) -> Resource:
    full_url = "urn:uuid:5f0d8a4e-3d0b-4b53-9a51-6a3a1f6f0c11"
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "subject": {"reference": full_url},
        "valueQuantity": {"value": 72, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"},
    }
    return _bundle(
        "transaction",
        {"fullUrl": full_url, "resource": patient, "request": {"method": "POST", "url": "Patient"}},
        {"resource": observation, "request": {"method": "POST", "url": "Observation"}},
    )


def _impossible(patient: Resource, loaded: Resource) -> Resource:
    """Write one patient, then another only if it is at a version that it never had."""
    condition = {"method": "PUT", "url": f"Patient/{loaded['id']}", "ifMatch": 'W/"99"'}
    return _bundle(
        "transaction",
        {"resource": patient, "request": {"method": "POST", "url": "Patient"}},
        {"resource": loaded, "request": condition},
    )


def _asking(url: str) -> Resource:
    return {"request": {"method": "GET", "url": url}}


def _bundle(type_: str, *entries: Resource) -> Resource:
    return {"resourceType": "Bundle", "type": type_, "entry": list(entries)}

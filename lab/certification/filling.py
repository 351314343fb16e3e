"""Fill an application under test with synthetic patients, and empty it afterwards."""

from collections.abc import Mapping
from typing import Any

from lab.certification.application import UnreachableError
from lab.fhir.client import FhirClient
from synthetic_data import HospitalPlan, generate

KINDS = frozenset(
    {
        "Organization",
        "Location",
        "Practitioner",
        "PractitionerRole",
        "Patient",
        "Encounter",
        "Condition",
        "Observation.laboratory",
        "ImagingStudy",
        "Group",
    }
)
"""What checks and load need: an application is not asked to hold a whole hospital."""
_TYPES = frozenset(kind.partition(".")[0] for kind in KINDS)


def fill(fhir: FhirClient, seed: int, patients: int) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """Write synthetic patients into the application; return what was written and the Groups.

    Raises:
        UnreachableError: the application refused or did not answer a write.
    """
    written: list[str] = []
    groups: dict[str, tuple[str, ...]] = {}
    for whole in generate(HospitalPlan(seed=seed, patients=patients), KINDS):
        resource = without_others(whole)
        if resource["resourceType"] == "Group":
            members = (member["entity"]["reference"] for member in resource.get("member", []))
            groups[resource["id"]] = tuple(reference.partition("/")[2] for reference in members)
        written.append(write(fhir, resource))
    return written, groups


def write(fhir: FhirClient, resource: dict[str, Any]) -> str:
    """Write one resource into the application and return where it is, such as ``Patient/pat-0000001``.

    Raises:
        UnreachableError: the application refused or did not answer.
    """
    path = f"{resource['resourceType']}/{resource['id']}"
    reply = fhir.write("PUT", path, resource)
    if reply.status not in {200, 201}:
        seen = f"HTTP {reply.status}" if reply.status else reply.error
        raise UnreachableError(
            fr=f"L'application n'a pu être remplie : PUT {path} a donné {seen} ({reply.exchange}). "
            "Accepter les identifiants du client, ou retirer server.seed_patients.",
            en=f"The application could not be filled: PUT {path} gave {seen} ({reply.exchange}). Accept "
            "client-assigned ids, or remove server.seed_patients.",
        )
    return path


def empty(fhir: FhirClient, written: list[str]) -> int:
    """Delete what was written, last first; return how many deletions were refused."""
    return sum(fhir.delete(path).status not in {200, 202, 204} for path in reversed(written))


def without_others(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Give a resource without its references to types that are not filled, lest they lead nowhere."""
    kept: dict[str, Any] = _without(resource)
    return kept


def _without(node: Any) -> Any:
    if isinstance(node, Mapping):
        target = node.get("reference")
        if isinstance(target, str) and target.partition("/")[0] not in _TYPES:
            return None
        kept = {name: _without(value) for name, value in node.items()}
        return {name: value for name, value in kept.items() if value is not None} or None
    if isinstance(node, list):
        return [value for value in map(_without, node) if value is not None] or None
    return node

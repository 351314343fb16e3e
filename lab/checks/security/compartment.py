"""Which patients a resource is about, and which resources are about a patient."""

import re
from collections.abc import Iterator
from typing import Any

from lab.api import FhirClient
from lab.checks.sample import declared
from lab.checks.security.leaves import nodes
from lab.checks.security.masked import Resource
from lab.checks.security.restriction import Restriction

_REFERENCE = re.compile(r"(?:^|/)Patient/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?$")
_LIKELY = ("Observation", "Encounter", "Condition")
_AT_ONCE = 20


def patients_of(resource: Resource) -> frozenset[str]:
    """Return the ids of the patients that a resource is, or is about; or else refers to at any depth."""
    if resource.get("resourceType") == "Patient":
        return frozenset({str(resource.get("id"))})
    about = [resource[name] for name in ("subject", "patient") if name in resource]
    return frozenset(_referred(about)) or frozenset(_referred(resource))


def referred(resource: Resource) -> frozenset[str]:
    """Return the ids of all the patients that a resource refers to, at any depth."""
    return frozenset(_referred(resource))


def clinical_types(fhir: FhirClient, limits: Restriction) -> list[str]:
    """Return the declared types but Patient that the restricted identity may search, likely ones first."""
    types = [t for t, codes in declared(fhir).items() if "search-type" in codes and limits.opens(t, "s")]
    return sorted(set(types) - {"Patient"}, key=lambda t: (t not in _LIKELY, t))


def about(fhir: FhirClient, type_: str, patients: tuple[str, ...]) -> Resource | None:
    """Return a resource of the type about one of the patients, as the full identity finds it."""
    wanted = patients[:_AT_ONCE]
    search = {"patient": ",".join(f"Patient/{id_}" for id_ in wanted), "_count": 1}
    for resource in fhir.search(type_, search).resources(type_, mode="match"):
        if isinstance(resource.get("id"), str) and patients_of(resource) & set(wanted):
            return resource
    return None


def _referred(value: Any) -> Iterator[str]:
    for node in nodes(value):
        reference = node.get("reference")
        if isinstance(reference, str) and (match := _REFERENCE.search(reference)):
            yield match[1]

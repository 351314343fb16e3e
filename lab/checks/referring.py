"""The references of a resource to others of the same server.

Spec: https://hl7.org/fhir/R4/references.html
"""

from typing import Any

from lab.api import FhirClient
from lab.checks.element_values import values
from lab.checks.sample import is_id


def referred(fhir: FhirClient, resource: dict[str, Any], path: str) -> list[tuple[str, str]]:
    """Return the (type, id) of each reference at a path that leads to a resource of this server."""
    found = []
    for value in values(resource, path):
        reference = value.get("reference") if isinstance(value, dict) else None
        if isinstance(reference, str):
            type_, _, id_ = reference.removeprefix(f"{fhir.base_url}/").partition("/")
            id_ = id_.partition("/_history/")[0]
            if type_.isascii() and type_.isalpha() and is_id(id_):
                found.append((type_, id_))
    return found


def copied(resource: dict[str, Any], path: str) -> list[tuple[str, str]]:
    """Return the (type, id) at the end of each absolute reference at a path, wherever it leads."""
    found = []
    for value in values(resource, path):
        reference = value.get("reference") if isinstance(value, dict) else None
        if isinstance(reference, str) and "://" in reference:
            *_, type_, id_ = ("", *reference.partition("/_history/")[0].split("/"))
            found.append((type_, id_))
    return found

"""The values of an element of a resource, without those that are masked or said to be absent.

Specs: https://hl7.org/fhir/R4/datatypes.html, https://hl7.org/fhir/R4/extension-data-absent-reason.html
"""

from collections.abc import Iterator
from typing import Any

from lab.checks.statement import objects

ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def values(resource: dict[str, Any], path: str) -> list[Any]:
    """Return the values at a path of element names parted by dots, arrays opened on the way."""
    found: list[Any] = [resource]
    for name in path.split("."):
        found = [value for one in found if isinstance(one, dict) for value in _opened(one.get(name))]
    return [value for value in found if not is_absent(value)]


def tokens(resource: dict[str, Any], path: str) -> list[tuple[str, str]]:
    """Return the tokens of the Codings, CodeableConcepts and Identifiers at a path; system may be empty."""
    return [pair for value in values(resource, path) for pair in _pairs(value)]


def texts(resource: dict[str, Any], path: str) -> list[str]:
    """Return the strings at a path."""
    return [value for value in values(resource, path) if isinstance(value, str)]


def is_absent(value: object) -> bool:
    """Tell whether a value only says why there is none."""
    return isinstance(value, dict) and any(
        extension.get("url") == ABSENT for extension in objects(value.get("extension"))
    )


def _opened(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        return
    codings = objects(value["coding"]) if "coding" in value else [value]
    for coding in codings:
        system, code = coding.get("system", ""), coding.get("code", coding.get("value"))
        if isinstance(system, str) and isinstance(code, str):
            yield system, code

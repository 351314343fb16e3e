"""What a CapabilityStatement promises, one line for each promise, so that two of them can be compared.

What changes with every release and promises nothing is left out: dates, versions of the software, texts.
Spec: https://hl7.org/fhir/R4/capabilitystatement.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lab.checks.statement import objects

_OPTIONS = (
    *("versioning", "readHistory", "updateCreate", "profile"),
    *("conditionalCreate", "conditionalRead", "conditionalUpdate", "conditionalDelete"),
)
_LISTS = ("searchInclude", "searchRevInclude", "supportedProfile", "referencePolicy")


def lines(statement: Mapping[str, Any]) -> frozenset[str]:
    """Return the lines of a statement; what is not written as FHIR says promises nothing."""
    return frozenset(_lines(statement))


def _lines(statement: Mapping[str, Any]) -> Iterator[str]:
    if "fhirVersion" in statement:
        yield f"fhirVersion {statement['fhirVersion']}"
    for name in ("format", "patchFormat", "implementationGuide"):
        yield from (f"{name} {one}" for one in _texts(statement.get(name)))
    for rest in objects(statement.get("rest")):
        if rest.get("mode", "server") == "server":
            yield from _of(rest, "system")
            for resource in objects(rest.get("resource")):
                yield f"{resource.get('type')}"
                yield from _of(resource, f"{resource.get('type')}")


def _of(declaring: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from (f"{where}: interaction {one.get('code')}" for one in objects(declaring.get("interaction")))
    yield from (f"{where}: operation {one.get('name')}" for one in objects(declaring.get("operation")))
    for one in objects(declaring.get("searchParam")):
        yield f"{where}: searchParam {one.get('name')} ({one.get('type')})"
    yield from (f"{where}: {name} {declaring[name]}" for name in _OPTIONS if name in declaring)
    for name in _LISTS:
        yield from (f"{where}: {name} {one}" for one in _texts(declaring.get(name)))


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []

"""What stands in place of a masked element that is mandatory: data-absent-reason ``masked``.

It says nothing of what was there: of a choice of types it is always the same one.
Specs: https://hl7.org/fhir/R4/extension-data-absent-reason.html and the StructureDefinitions
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from lab.fhir.element_path import ElementPath
from lab.model.release import Release
from lab.validation.base import choices, definition_of
from lab.validation.fast import schema

ABSENT_URL = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def absent() -> dict[str, Any]:
    """Return an element that has no value because it is masked."""
    return {"extension": [{"url": ABSENT_URL, "valueCode": "masked"}]}


@cache
def marker(path: ElementPath) -> tuple[str, Any] | None:
    """Return the JSON member that stands for a masked element; None for one that may be left out.

    The value is shared: who writes it somewhere copies it.
    """
    owner = path.type
    for element in path.elements[:-1]:
        owner = definition_of(f"{owner}.{element}", path.release)
    return dict(_mandatory(owner, path.release)).get(path.elements[-1])


def _mandatory(owner: str, release: Release) -> Iterator[tuple[str, tuple[str, Any]]]:
    """Yield the mandatory elements of a definition, each with the member that stands for it."""
    definition = schema(release)["$defs"].get(owner, {})
    for name in definition.get("required", ()):
        hollow = _hollow(definition_of(f"{owner}.{name}", release), release)
        yield name, (name, _listed(definition, name, hollow))
    for rule in definition.get("allOf", ()):
        if rule.get("rule") == "required" and str(rule.get("element")).endswith("[x]"):
            name = rule["element"].removesuffix("[x]")
            yield name, _choice(owner, name, release)
        if "rule" not in rule:  # not an invariant, which asks for elements under a condition
            for name in rule.get("then", {}).get("required", ()):
                yield name, (f"_{name}", _listed(definition, name, absent()))


def _choice(owner: str, name: str, release: Release) -> tuple[str, Any]:
    """Return the member for a choice of types: a CodeableConcept where there is one, else the first type."""
    known = choices(f"{owner}.{name}", release)
    chosen = min(known, key=lambda one: (not one.endswith("CodeableConcept"), one))
    primitive = definition_of(f"{owner}.{chosen}", release)[:1].islower()
    return (f"_{chosen}" if primitive else chosen), absent()


def _hollow(name: str, release: Release) -> dict[str, Any]:
    """Return an element without a value; a part of a resource has its own mandatory elements without one."""
    inner = _mandatory(name, release) if "." in name else ()
    return absent() | dict(member for _, member in inner)


def _listed(definition: Mapping[str, Any], name: str, value: dict[str, Any]) -> Any:
    return [value] if definition["properties"][name].get("type") == "array" else value

"""What stands in place of a masked element that R4 makes mandatory: data-absent-reason ``masked``.

It says nothing of what was there: of a choice of types it is always the same one.
Specs: https://hl7.org/fhir/R4/extension-data-absent-reason.html and the StructureDefinitions of R4
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from lab.validation.base import choices, definition_of
from lab.validation.fast import schema

ABSENT_URL = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def absent() -> dict[str, Any]:
    """Return an element that has no value because it is masked."""
    return {"extension": [{"url": ABSENT_URL, "valueCode": "masked"}]}


@cache
def marker(type_: str, elements: tuple[str, ...]) -> tuple[str, Any] | None:
    """Return the JSON member that stands for a masked element; None for one that may be left out.

    The value is shared: who writes it somewhere copies it.
    """
    owner = type_
    for element in elements[:-1]:
        owner = definition_of(f"{owner}.{element}")
    return dict(_mandatory(owner)).get(elements[-1])


def _mandatory(owner: str) -> Iterator[tuple[str, tuple[str, Any]]]:
    """Yield the mandatory elements of a definition, each with the member that stands for it."""
    definition = schema()["$defs"].get(owner, {})
    for name in definition.get("required", ()):
        yield name, (name, _listed(definition, name, _hollow(definition_of(f"{owner}.{name}"))))
    for rule in definition.get("allOf", ()):
        if rule.get("rule") == "required" and str(rule.get("element")).endswith("[x]"):
            name = rule["element"].removesuffix("[x]")
            yield name, _choice(owner, name)
        for name in rule.get("then", {}).get("required", ()):
            yield name, (f"_{name}", _listed(definition, name, absent()))


def _choice(owner: str, name: str) -> tuple[str, Any]:
    """Return the member for a choice of types: a CodeableConcept where there is one, else the first type."""
    chosen = min(choices(f"{owner}.{name}"), key=lambda one: (not one.endswith("CodeableConcept"), one))
    primitive = definition_of(f"{owner}.{chosen}")[:1].islower()
    return (f"_{chosen}" if primitive else chosen), absent()


def _hollow(name: str) -> dict[str, Any]:
    """Return an element without a value; a part of a resource has its own mandatory elements without one."""
    inner = _mandatory(name) if "." in name else ()
    return absent() | dict(member for _, member in inner)


def _listed(definition: Mapping[str, Any], name: str, value: dict[str, Any]) -> Any:
    return [value] if definition["properties"][name].get("type") == "array" else value

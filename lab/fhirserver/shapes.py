"""What a release says of the elements inside an element: type, whether they repeat, names of a choice.

Source: the schema made from the StructureDefinitions (``lab.validation``).
"""

from functools import cache
from typing import Any, NamedTuple

from lab.model.release import Release
from lab.validation.base import choices
from lab.validation.fast import schema
from lab.validation.walk import base_type

RESOURCE = "Resource"
_PREFIX = "#/$defs/"
_NARROWER = {
    "string": {"code", "id", "markdown"},
    "uri": {"url", "canonical", "oid", "uuid"},
    "integer": {"positiveInt", "unsignedInt"},
    "xhtml": {"string"},  # no parameter can carry one under its own name
    "SimpleQuantity": {"Quantity"},
}


class Shape(NamedTuple):
    """``type`` is that of one value (``code``, ``HumanName``, ``Patient.contact``, ``Resource``)."""

    type: str
    repeats: bool


@cache
def shape(owner: str, name: str, release: Release) -> Shape | None:
    """Return the shape of the element that a type holds under a JSON name, None when it holds none."""
    rules = _properties(owner, release).get(name)
    if not isinstance(rules, dict) or "const" in rules or name.startswith("_"):
        return None
    repeats = "items" in rules
    one: dict[str, Any] = rules.get("items", rules)
    reference = str(one.get("then", one).get("$ref", "")).removeprefix(_PREFIX)
    narrowed = base_type(reference, release)
    return Shape(
        narrowed if is_complex(narrowed, release) else reference.partition("-in-")[0] or "string", repeats
    )


@cache
def names(owner: str, element: str, release: Release) -> frozenset[str]:
    """Return the JSON names of an element: its own or, of a choice, one for each type."""
    if shape(owner, element, release):
        return frozenset({element})
    of_choice = choices(f"{owner}.{element}[x]", release)
    return frozenset(name for name in of_choice if _is_choice(owner, element, name, release))


def is_complex(type_: str, release: Release) -> bool:
    """Tell whether values of the type hold elements of their own."""
    return type_ == RESOURCE or schema(release)["$defs"].get(type_, {}).get("type") == "object"


def takes(type_: str, given: str) -> bool:
    """Tell whether an element of a type takes a value of another: the same or a narrower one."""
    return given == type_ or given in _NARROWER.get(type_, ())


def _is_choice(owner: str, element: str, name: str, release: Release) -> bool:
    """Tell whether the rest of the name is the type, as in valueString but not in generalPractitioner."""
    found, suffix = shape(owner, name, release), name.removeprefix(element)
    return found is not None and any(takes(found.type, t) for t in (suffix, suffix[0].lower() + suffix[1:]))


@cache
def _properties(owner: str, release: Release) -> dict[str, Any]:
    found: dict[str, Any] = schema(release)["$defs"].get(base_type(owner, release), {}).get("properties", {})
    return found

"""What a release says of each element: its types, whether it is mandatory, repeats, or is a choice of type.

Source: StructureDefinitions (``data/*.element-types.json.gz``, of ``tools/build_element_types.py``).
Spec: https://hl7.org/fhir/R4/elementdefinition.html
"""

import gzip
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from lab.model.release import Release


@dataclass(frozen=True)
class ElementType:
    """``types`` are names of data types, or of a part of a type (``Patient.contact``)."""

    types: tuple[str, ...]
    required: bool
    repeats: bool
    choice: bool


def resource_types(release: Release = "R4") -> frozenset[str]:
    """Return the resource types of a release."""
    return _resources(release)


def elements_along(type_: str, names: tuple[str, ...], release: Release = "R4") -> tuple[ElementType, ...]:
    """Return the element that each name of a path leads to, nothing when the release has no such path.

    A choice is named without its type (``Observation.value``); below it, whatever any of its types has.
    """
    found: list[ElementType] = []
    types: tuple[str, ...] = (type_,) if type_ in _resources(release) else ()
    for name in names:
        element = next((one for one in (_element(of, name, release) for of in types) if one), None)
        if element is None:
            return ()
        found.append(element)
        types = element.types
    return tuple(found)


def has_element(type_: str, name: str, release: Release = "R4") -> bool:
    """Tell whether a data type has an element of that name."""
    return _element(type_, name, release) is not None


@cache
def _element(type_: str, name: str, release: Release) -> ElementType | None:
    said = _document(release)["elements"].get(type_, {}).get(name)
    if said is None:
        return None
    types = said.lstrip("!*?")
    marks = said[: len(said) - len(types)]
    return ElementType(tuple(types.split("|")), "!" in marks, "*" in marks, "?" in marks)


@cache
def _resources(release: Release) -> frozenset[str]:
    return frozenset(_document(release)["resources"])


@cache
def _document(release: Release) -> dict[str, Any]:
    path = files("lab.fhir") / "data" / f"{release.lower()}.element-types.json.gz"
    document: dict[str, Any] = orjson.loads(gzip.decompress(path.read_bytes()))
    return document

"""The JSON names under which the elements of a path stand: a choice of types has one for each type.

Spec: https://hl7.org/fhir/R4/formats.html#choice
"""

from functools import cache

from lab.fhir.element_path import ElementPath
from lab.fhir.element_types import ElementType, elements_along


@cache
def json_names(path: ElementPath) -> tuple[frozenset[str], ...]:
    """Return the names of each element of a path, without the ``_`` of siblings."""
    found = elements_along(path.type, path.elements, path.release)
    return tuple(_names(name, element) for name, element in zip(path.elements, found, strict=True))


def _names(name: str, element: ElementType) -> frozenset[str]:
    if not element.choice:
        return frozenset({name})
    return frozenset(f"{name}{type_[0].upper()}{type_[1:]}" for type_ in element.types)

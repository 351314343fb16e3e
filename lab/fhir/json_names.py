"""The JSON names under which the elements of a path stand: a choice of types has one for each type.

Spec: https://hl7.org/fhir/R4/formats.html#choice
"""

from functools import cache

from lab.fhir.element_types import ElementType, elements_along


@cache
def json_names(type_: str, elements: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """Return the names of each element of a path of R4, without the ``_`` of siblings."""
    found = elements_along(type_, elements)
    return tuple(_names(name, element) for name, element in zip(elements, found, strict=True))


def _names(name: str, element: ElementType) -> frozenset[str]:
    if not element.choice:
        return frozenset({name})
    return frozenset(f"{name}{type_[0].upper()}{type_[1:]}" for type_ in element.types)

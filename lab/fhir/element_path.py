"""The path of an element that a policy masks: dotted, with an optional choice of identifier systems.

The grammar is the part of FHIRPath that can be compiled and proven; anything else is refused.
Spec: https://hl7.org/fhir/R4/fhirpath.html#simple
"""

import re
from dataclasses import dataclass

from lab.model.release import Release

_PLAIN = re.compile(r"(?P<type>[A-Z][A-Za-z]+)\.(?P<elements>[a-z][A-Za-z]*(?:\.[a-z][A-Za-z]*)*)")
_SYSTEMS = re.compile(
    r"(?P<plain>[A-Za-z.]+)\.where\(system in \((?P<systems>'[^']+'(?:\s*\|\s*'[^']+')*)\)\)"
)


class PathError(ValueError):
    """A path that the laboratory cannot enforce; a policy that holds one is refused."""


@dataclass(frozen=True)
class ElementPath:
    """``Patient.address`` is type ``Patient``, elements ``("address",)``.

    ``systems``, when not empty, narrows the path to the items whose ``system`` is one of them. ``release`` is
    that of the resources that the path is about.
    """

    type: str
    elements: tuple[str, ...]
    systems: frozenset[str] = frozenset()
    release: Release = "R4"

    def overlaps(self, type_: str, elements: tuple[str, ...]) -> bool:
        """Tell whether one of the two elements is the other, or inside it."""
        length = min(len(elements), len(self.elements))
        return type_ == self.type and elements[:length] == self.elements[:length]

    def __str__(self) -> str:
        """Return the dotted path, without the systems."""
        return ".".join((self.type, *self.elements))


def parse_path(text: str, release: Release = "R4") -> ElementPath:
    """Read a path in resources of a release.

    Raises:
        PathError: the path is not of the grammar above.
    """
    systems: frozenset[str] = frozenset()
    plain = text.strip()
    if narrowed := _SYSTEMS.fullmatch(plain):
        plain = narrowed["plain"]
        systems = frozenset(re.findall(r"'([^']+)'", narrowed["systems"]))
    match = _PLAIN.fullmatch(plain)
    if match is None:
        message = (
            f"Not a path that can be masked: {text!r}. Expected Type.element, or "
            "Type.element.where(system in ('a' | 'b'))."
        )
        raise PathError(message)
    return ElementPath(match["type"], tuple(match["elements"].split(".")), systems, release)

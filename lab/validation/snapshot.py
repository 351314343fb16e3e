"""Turn the snapshot of a StructureDefinition into a tree of elements and their slices.

Spec: https://hl7.org/fhir/R4/elementdefinition.html#id
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Node:
    """An element, the elements inside it and, for an element that is sliced, its slices by name."""

    element: Json
    children: dict[str, "Node"] = field(default_factory=dict)
    slices: dict[str, "Node"] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of the element in the definition: ``Patient.identifier:PI.use``."""
        return str(self.element["id"])

    @property
    def types(self) -> list[Json]:
        """What a value may be; none for a reference to another element of the definition."""
        types: list[Json] = self.element.get("type", [])
        return types

    @property
    def repeats(self) -> bool:
        """Tell whether the value is a JSON array, whatever the profile says of its length."""
        return str(self.element.get("base", self.element)["max"]) not in {"0", "1"}

    @property
    def primitive(self) -> bool:
        """Tell whether the value is a JSON string, number or boolean with a sibling for its extensions."""
        return any(is_primitive(type_["code"]) for type_ in self.types)

    def value(self, prefix: str) -> tuple[str, Any] | None:
        """Return type and value of ``fixed[x]`` or ``pattern[x]``."""
        for key, value in self.element.items():
            if key.startswith(prefix) and key[len(prefix) :][:1].isupper():
                return key.removeprefix(prefix), value
        return None

    def minimum(self) -> int:
        """Return how many values the profile asks for beyond those the base definition does."""
        own = max(int(self.element["min"]), sum(int(s.element["min"]) for s in self.slices.values()))
        return own if own > int(self.element.get("base", {}).get("min", 0)) else 0

    def maximum(self) -> int | None:
        """Return how many values the profile allows, when the base definition allows more."""
        own = str(self.element["max"])
        return None if own in {"*", str(self.element.get("base", {}).get("max"))} else int(own)


def is_primitive(type_: str) -> bool:
    """Tell whether a type is a primitive one; ids and URLs of extensions are attributes, not elements."""
    return type_[:1].islower() and not type_.startswith("http") and type_ != "xhtml"


def tree(structure: Json) -> Node:
    """Return the root element of a StructureDefinition.

    Raises:
        ValueError: it has no snapshot, or one whose elements do not form a tree.
    """
    elements = structure.get("snapshot", {}).get("element")
    if not elements:
        raise ValueError("the definition has no snapshot")
    root = Node(elements[0])
    for element in elements[1:]:
        *above, (name, slice_) = _steps(str(element["id"]))
        node = root
        try:
            for parent, parent_slice in above[1:]:
                node = node.children[parent]
                node = node.slices[parent_slice] if parent_slice else node
            if slice_:
                node.children[name].slices[slice_] = Node(element)
            else:
                node.children[name] = Node(element)
        except KeyError as missing:
            raise ValueError(f"element {element['id']} has no parent in the snapshot") from missing
    return root


def _steps(id_: str) -> Iterator[tuple[str, str]]:
    for step in id_.split("."):
        name, _, slice_ = step.partition(":")
        yield name, slice_

"""Compile the profiles of implementation guides to JSON Schema, to be checked on top of the R4 schema.

Spec: https://hl7.org/fhir/R4/profiling.html
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lab.validation import base
from lab.validation.element_rules import ElementRules
from lab.validation.guide import Guide, Known, definition_name
from lab.validation.ig import Library
from lab.validation.report import NotChecked, Severity
from lab.validation.snapshot import Node, tree

Json = dict[str, Any]

_R4 = "4.0"


@dataclass(frozen=True)
class Invariant:
    """A constraint in FHIRPath that a profile adds at one of its elements."""

    key: str
    severity: Severity
    element: str
    expression: str


@dataclass(frozen=True, eq=False)
class Profile:
    """A compiled profile, of a resource, of a data type or of an extension.

    ``schema`` refers to other profiles as ``#/$defs/<definition name>``; it says nothing that R4 says.
    """

    url: str
    version: str
    type: str
    schema: Json
    invariants: tuple[Invariant, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()

    @cached_property
    def canonical(self) -> str:
        """Return ``url|version``."""
        return f"{self.url}|{self.version}"

    @cached_property
    def name(self) -> str:
        """Return the name of its definition in a schema of several profiles."""
        return definition_name(self.url, self.version)


@dataclass(frozen=True)
class Terminology:
    """ValueSets and CodeSystems by canonical, beyond those of the packages themselves."""

    value_sets: Mapping[str, Json] = field(default_factory=dict)
    code_systems: Mapping[str, Json] = field(default_factory=dict)


def compile_profiles(
    library: Library, known: Iterable[Profile] = (), terminology: Terminology | None = None
) -> tuple[Profile, ...]:
    """Compile every profile of the packages; ``known`` are compiled ones that they may refer to."""
    more = terminology or Terminology()
    structures = [
        definition
        for package in library.packages
        for definition in package.definitions
        if definition["resourceType"] == "StructureDefinition" and _is_profile(definition)
    ]
    guide = Guide(
        known=dict(_by_canonical((p.url, p.version, p.type) for p in known))
        | dict(_by_canonical((s["url"], s.get("version", ""), s["type"]) for s in structures)),
        value_sets={**more.value_sets, **library.value_sets},
        code_systems={**more.code_systems, **library.code_systems},
    )
    return tuple(_compiled(structure, guide) for structure in structures)


def _is_profile(structure: Json) -> bool:
    release = str(structure.get("fhirVersion", _R4))
    return structure.get("derivation") == "constraint" and release.startswith(_R4)


def _by_canonical(profiles: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, Known]]:
    for url, version, type_ in profiles:
        known = Known(definition_name(url, version), type_)
        yield url, known
        yield f"{url}|{version}", known


def _compiled(structure: Json, guide: Guide) -> Profile:
    url, version, type_ = structure["url"], structure.get("version", ""), structure["type"]
    try:
        root = tree(structure)
    except ValueError as reason:
        unread = (NotChecked("profile", f"{url}|{version}", "no-snapshot", str(reason)),)
        return Profile(url, version, type_, {}, not_checked=unread)
    rules = ElementRules(guide)
    schema = rules.value(root)
    if structure["kind"] == "resource":
        schema = {"allOf": [schema, _of_type(type_)]} if schema else _of_type(type_)
    return Profile(
        url, version, type_, schema, tuple(_invariants(root)), tuple(dict.fromkeys(rules.not_checked))
    )


def _of_type(type_: str) -> Json:
    known = {"rule": "profile-type", "element": type_, "const": type_}
    return {"properties": {"resourceType": known}}


def _invariants(node: Node) -> Iterator[Invariant]:
    for constraint in node.element.get("constraint", ()):
        of_r4 = str(constraint.get("source", "")).startswith("http://hl7.org/fhir/StructureDefinition/")
        if constraint["key"] not in base.rules() or not (of_r4 or "source" not in constraint):
            severity: Severity = "error" if constraint["severity"] == "error" else "warning"
            if not (of_r4 and severity == "warning"):  # advice of R4 itself, such as dom-6
                yield Invariant(constraint["key"], severity, node.id, constraint.get("expression", ""))
    for inner in (*node.children.values(), *node.slices.values()):
        yield from _invariants(inner)

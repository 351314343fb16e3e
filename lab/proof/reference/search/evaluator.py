"""Which resources match a search: every resource is looked at, every rule is applied as it is written.

Spec: https://hl7.org/fhir/R4/search.html
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lab.fhir.search_parameters import Definition, definitions
from lab.model.release import Release
from lab.proof.reference.search import values
from lab.proof.reference.search.fhirpath import Node, evaluate
from lab.proof.reference.search.values import RefusedError, bare, plain, split

Json = dict[str, Any]

_IMPLICIT = {
    ("Patient", "gender"): "http://hl7.org/fhir/administrative-gender",
    ("Observation", "status"): "http://hl7.org/fhir/observation-status",
    ("Encounter", "status"): "http://hl7.org/fhir/encounter-status",
    ("DocumentReference", "status"): "http://hl7.org/fhir/document-reference-status",
    ("DocumentReference", "relation"): "http://hl7.org/fhir/document-relationship-type",
    ("DocumentReference", "contenttype"): "urn:ietf:bcp:13",
}
_MODIFIERS = {
    "string": {"exact", "contains"},
    "token": {"not", "text", "of-type"},
    "uri": {"above", "below"},
    "reference": {"identifier"},
}


@dataclass(frozen=True)
class Hospital:
    """All resources, the time at which the search is made, in milliseconds, and their release."""

    resources: Sequence[Json]
    now: int
    release: Release = "R4"

    def search(self, type_: str, query: Sequence[tuple[str, str]]) -> set[str]:
        """Return the ids that meet every parameter, each a name with its modifier and a value.

        Raises:
            RefusedError: the specification wants the search refused.
        """
        for name, value in query:
            self._read(type_, name, value)
        return {r["id"] for r in self.of(type_) if all(self.meets(r, name, value) for name, value in query)}

    def _read(self, type_: str, name: str, value: str) -> None:
        """Refuse what is to be refused whatever the resources: ask it of a resource without elements."""
        if name.startswith("_has:"):
            _, source, _, rest = name.split(":", 3)
            self._read(source, rest, value)
        elif "." in name:
            link, rest = name.split(".", 1)
            code, _, only = link.partition(":")
            for target in definitions(type_, self.release)[code].targets:
                if only in {"", target} and _knows(target, rest, self.release):
                    self._read(target, rest, value)
        else:
            self.meets({"resourceType": type_, "id": "nobody"}, name, value)

    def of(self, type_: str) -> list[Json]:
        """Return the resources of a type."""
        return [r for r in self.resources if r["resourceType"] == type_]

    def meets(self, resource: Json, name: str, value: str) -> bool:
        """Tell whether a resource meets one parameter."""
        if name.startswith("_has:"):
            return self._has(resource, name, value)
        if "." in name:
            link, rest = name.split(".", 1)
            return any(self.meets(target, rest, value) for target in self._targets(resource, link, rest))
        code, _, modifier = name.partition(":")
        definition = definitions(resource["resourceType"], self.release)[code]
        return self._own(resource, definition, modifier or None, value)

    def _targets(self, resource: Json, link: str, rest: str) -> list[Json]:
        """Return the resources that a reference leads to and that know the rest of the chain."""
        code, _, only = link.partition(":")
        definition = definitions(resource["resourceType"], self.release)[code]
        found = []
        for node in self._nodes(resource, definition):
            place = values.local(node.value.get("reference", ""))
            if place and place[0] in definition.targets:
                found += [t for t in self.resources if place == (t["resourceType"], t["id"])]
        wanted = [t for t in found if only in {"", t["resourceType"]}]
        return [t for t in wanted if _knows(t["resourceType"], rest, self.release)]

    def _has(self, resource: Json, name: str, value: str) -> bool:
        _, source, code, rest = name.split(":", 3)
        return any(
            resource in self._targets(other, code, "_id") and self.meets(other, rest, value)
            for other in self.of(source)
        )

    def _nodes(self, resource: Json, definition: Definition) -> list[Node]:
        return evaluate(definition.expression, Node(resource["resourceType"], resource))

    def _own(self, resource: Json, definition: Definition, modifier: str | None, value: str) -> bool:
        kind = definition.type
        nodes = self._nodes(resource, definition)
        if kind in {"composite", "special"} and modifier:
            raise RefusedError
        if modifier == "missing":
            if value not in {"true", "false"}:
                raise RefusedError
            return (not nodes) == (value == "true")
        known = {*_MODIFIERS.get(kind, ()), *(definition.targets if kind == "reference" else ())}
        if modifier is not None and modifier not in known:
            raise RefusedError
        if modifier == "of-type" and not definition.expression.lower().endswith("identifier"):
            raise RefusedError
        alternatives = split(value, ",")
        if not all(alternatives):
            raise RefusedError
        met = [
            self._any(resource["resourceType"], definition, nodes, modifier, each) for each in alternatives
        ]
        return not any(met) if modifier == "not" else any(met)

    def _any(
        self, type_: str, definition: Definition, nodes: list[Node], modifier: str | None, value: str
    ) -> bool:
        """Tell whether one of the nodes matches one value; a value is read even if there is no node."""
        if definition.type == "composite":
            return self._composite(type_, definition, nodes, value)
        implicit = _IMPLICIT.get((type_, definition.code), "")
        kind = definition.type
        if modifier == "identifier":
            nodes = [Node("", n.value["identifier"]) for n in nodes if "identifier" in n.value]
            kind, modifier = "token", None
        probe = [*nodes, _PROBES[kind]]
        return any([self._matches(kind, node, modifier, value, implicit) for node in probe][:-1])

    def _matches(self, kind: str, node: Node, modifier: str | None, value: str, implicit: str) -> bool:  # noqa: PLR0911
        match kind:
            case "token" if modifier == "text":
                if not bare(plain(value)):
                    raise RefusedError
                return any(bare(text).startswith(bare(plain(value))) for text in values.texts(node))
            case "token" if modifier == "of-type":
                return _of_type(node, value)
            case "token":
                return values.token(node, value, implicit)
            case "string":
                return values.string(node, value, modifier)
            case "date":
                return values.date(node, value, self.now)
            case "quantity" | "number":
                return values.quantity(node, value)
            case "uri":
                return values.uri(node, value, modifier)
            case "reference":
                return values.reference(node, value, modifier)
        return _near(node, value)

    def _composite(self, type_: str, definition: Definition, bases: list[Node], value: str) -> bool:
        parts = split(value, "$")
        if len(parts) != len(definition.components) or not all(parts):
            raise RefusedError
        found = False
        for base in [*bases, Node("", {})]:
            met = True
            for part, component in zip(parts, definition.components, strict=True):
                code = _SWAPPED.get(component.code, component.code)
                kind = definitions(type_, self.release)[code].type
                nodes = evaluate(component.expression, base)
                implicit = _IMPLICIT.get((type_, code), "")
                matches = [self._matches(kind, n, None, part, implicit) for n in [*nodes, _PROBES[kind]]]
                met = met and any(matches[:-1])
            found = found or met
        return found


def _knows(type_: str, rest: str, release: Release) -> bool:
    """Tell whether a type has the parameter with which the rest of a chain starts."""
    first = rest.split(":", maxsplit=1)[0].split(".", maxsplit=1)[0]
    if first == "_has":
        _, source, code, inner = rest.split(":", 3)
        return type_ in definitions(source, release)[code].targets and _knows(source, inner, release)
    return first in definitions(type_, release)


_SWAPPED = {"relatesto": "relation", "relation": "relatesto"}
"""Both releases name the components of DocumentReference ``relationship`` the wrong way round."""

_PROBES = {
    "token": Node("", {"coding": []}),
    "string": Node("", ""),
    "date": Node("", {}),
    "quantity": Node("", {}),
    "number": Node("", {}),
    "uri": Node("", ""),
    "reference": Node("", {}),
    "special": Node("", {}),
}
"""What matches nothing, so that a value is read, and refused, whatever the resources."""


def _of_type(node: Node, value: str) -> bool:
    parts = [plain(part) for part in split(value, "|")]
    if len(parts) != 3 or not all(parts):
        raise RefusedError
    types = node.value.get("type", {}).get("coding", [])
    typed = any((c.get("system"), c.get("code")) == (parts[0], parts[1]) for c in types)
    return typed and node.value.get("value") == parts[2]


def _near(node: Node, value: str) -> bool:
    latitude, longitude, distance, unit = split(value, "|")
    if "latitude" not in node.value:
        return False
    a, b = math.radians(float(latitude)), math.radians(node.value["latitude"])
    between = math.radians(node.value["longitude"] - float(longitude))
    cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(between)
    away = 6371.0088 * math.acos(max(-1.0, min(1.0, cosine)))
    return away <= float(distance) / (1 if unit == "km" else 1000)

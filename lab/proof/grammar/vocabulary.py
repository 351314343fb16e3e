"""The values to search for: those of the resources of both worlds, hidden and visible, and some of nobody.

Spec: https://hl7.org/fhir/R4/search.html
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from lab.fhir.search_parameters import Definition, definitions
from lab.proof.contents import IDS
from lab.proof.grammar.written import PREFIXES, instant, written
from lab.proof.reference.search.fhirpath import Node, evaluate
from lab.proof.reference.search.values import local
from lab.proof.world import Json

COMMON = ("_id", "_security", "_tag", "_lastUpdated", "_lastUpdated", "_id", "_profile")
PARAMETERS = {
    "Patient": "identifier name family given phonetic telecom phone email address address-city "
    "address-postalcode gender birthdate active deceased organization general-practitioner link",
    "Observation": "code status category subject patient encounter performer date value-quantity "
    "code-value-quantity component-code combo-code combo-value-quantity has-member identifier focus",
    "Encounter": "class status subject patient date identifier service-provider part-of",
    "Condition": "code subject patient encounter recorded-date clinical-status",
    "ImagingStudy": "status subject patient started modality series",
    "Organization": "name partof identifier",
    "Practitioner": "name family given telecom phone gender identifier",
    "Group": "member type actual managing-entity",
    "List": "status item subject patient title",
}
LINKS = {
    "Patient": ("organization", "general-practitioner", "general-practitioner:Practitioner", "link"),
    "Observation": ("subject", "subject:Patient", "patient", "encounter", "performer", "has-member", "focus"),
    "Encounter": ("subject", "patient", "service-provider", "part-of"),
    "Condition": ("subject:Patient", "patient", "encounter"),
    "ImagingStudy": ("patient", "subject:Patient"),
    "Organization": ("partof",),
    "Group": ("member", "member:Patient"),
    "List": ("item", "item:Patient", "patient"),
}
_MODIFIERS = {
    "string": (":exact", ":contains", ":missing"),
    "token": (":not", ":text", ":missing", ":missing", ":not", ":text", ":of-type"),
    "reference": (":missing", ":identifier", ":Patient"),
    "date": (":missing",),
    "quantity": (":missing",),
    "uri": (":below", ":missing"),
}


_SENSITIVE = 0.4
_AIMS = 4
"""How many parameters of a resource are looked at for one that it has."""


@dataclass(frozen=True)
class Aim:
    """A reference parameter, the type at its other end, a parameter and a value of what is there."""

    link: str
    type: str
    name: str
    value: str


@dataclass(frozen=True)
class Edges:
    """Where the view ends: what of two worlds is worth asking for.

    ``shown`` are the ``Type/id`` that sub-queries are shown; ``telling`` the hidden ones that one world
    has, or has deleted, and the other one not; ``past`` the hidden versions of what is visible, by number.
    """

    shown: Collection[str]
    telling: Sequence[str]
    past: Sequence[tuple[str, int]]


class Vocabulary:
    """What can be said of the resources of some worlds; looked up once for each parameter."""

    def __init__(
        self,
        resources: Sequence[Json],
        visible: Sequence[Json],
        sensitive: Mapping[str, Sequence[str]],
        edges: Edges,
        curious: float = 0.2,
    ) -> None:
        """Take the resources of all worlds, those visible, and the parameters to ask for more often.

        ``curious`` is the share of criteria, where something is masked, that are on that.
        """
        self._sensitive, self.curious = sensitive, curious
        self._telling: dict[str, list[str]] = {}
        for name in edges.telling:
            type_, _, id_ = name.partition("/")
            self._telling.setdefault(type_, []).append(id_)
        self._past: dict[str, list[tuple[str, int]]] = {}
        for name, number in edges.past:
            type_, _, id_ = name.partition("/")
            self._past.setdefault(type_, []).append((id_, number))
        self._shown = edges.shown
        self._ahead: dict[str, list[tuple[str, Node]]] = {}
        self._behind: dict[str, list[tuple[str, Node]]] = {}
        self._visible: dict[str, list[Node]] = {}
        for resource in visible:
            node = Node(resource["resourceType"], resource)
            self._visible.setdefault(node.type, []).append(node)
        self._of: dict[str, list[Node]] = {}
        self._named: dict[str, list[Node]] = {}
        for resource in resources:
            node = Node(resource["resourceType"], resource)
            self._of.setdefault(node.type, []).append(node)
            self._named.setdefault(f"{node.type}/{resource['id']}", []).append(node)
        self._found: dict[tuple[str, str, bool], list[Any]] = {}

    def hides(self, type_: str) -> bool:
        """Tell whether something of a type is masked."""
        return bool(self._sensitive.get(type_))

    def shows(self, type_: str) -> bool:
        """Tell whether something of a type is visible."""
        return type_ in self._visible

    def visible_ids(self, type_: str) -> list[str]:
        """Return the ids of what is visible of a type."""
        return [node.value["id"] for node in self._visible.get(type_, ())]

    def telling_ids(self, type_: str) -> Sequence[str]:
        """Return the ids of what one world has of a type, or has deleted, and another one not."""
        return self._telling.get(type_, ())

    def nodes(self, type_: str, expression: str, *, seen: bool) -> list[Any]:
        """Return the values of an expression on a type, or on what is ``seen`` of it."""
        key = type_, expression, seen
        if key not in self._found:
            bases = (self._visible if seen else self._of).get(type_, ())
            nodes = (n for base in bases for n in evaluate(expression, base))
            self._found[key] = [node.value for node in nodes]
        return self._found[key]

    def parameter(self, chance: Random, type_: str) -> tuple[str, str]:
        """Return the name of a parameter, with its modifier, and a value."""
        sensitive = self._sensitive.get(type_, ())
        if sensitive and chance.random() < _SENSITIVE:
            return self.secret(chance, type_)
        if chance.random() < 0.1:
            code = chance.choice(sorted(definitions(type_)))
        else:
            code = chance.choice([*PARAMETERS[type_].split(), *COMMON])
        definition = definitions(type_).get(code)
        if definition is None:
            return code, "x"
        modifier = chance.choice(_MODIFIERS.get(definition.type, ("",))) if chance.random() < 0.15 else ""
        if code == "_id":
            return code, self.some_id(chance, type_)
        if code == "_lastUpdated":
            return code, f"{chance.choice(PREFIXES)}{instant(chance)}"
        if modifier == ":missing":
            return code + modifier, chance.choice([*("true", "false", "false") * 5, "maybe"])
        many = chance.choice([1, 1, 1, 1, 2])
        values = [self._value(chance, type_, definition, modifier) for _ in range(many)]
        return code + modifier, ",".join(values)

    def secret(self, chance: Random, type_: str) -> tuple[str, str]:
        """Return a criterion on what is masked of a type, by values behind the mask."""
        named = [code for code in self._sensitive[type_] if code in PARAMETERS[type_].split()]
        code = chance.choice(named if named and chance.random() < 0.8 else self._sensitive[type_])
        definition = definitions(type_)[code]
        modifier = chance.choice(_MODIFIERS.get(definition.type, ("",))) if chance.random() < 0.3 else ""
        if modifier == ":missing":
            return code + modifier, chance.choice(["true", "false"])
        many = chance.choice([1, 1, 2])
        values = [self._value(chance, type_, definition, modifier) for _ in range(many)]
        return code + modifier, ",".join(values)

    def hidden(self, chance: Random, type_: str) -> tuple[str, str]:
        """Return a criterion that something hidden of a type meets, or any when there is none."""
        bases = [base for name in self._hidden_names(type_) for base in self._named[name]]
        aim = self._aimed(chance, [("", chance.choice(bases))]) if bases else None
        return (aim.name, aim.value) if aim else self.parameter(chance, type_)

    def _hidden_names(self, type_: str) -> list[str]:
        return [name for name in self._named if name.startswith(f"{type_}/") and name not in self._shown]

    def shown_of(self, type_: str) -> list[Json]:
        """Return what is visible of a type."""
        return [node.value for node in self._visible.get(type_, ())]

    def past(self, type_: str) -> Sequence[tuple[str, int]]:
        """Return, of what is visible of a type, the ids and numbers of versions that are not."""
        return self._past.get(type_, ())

    def ahead(self, chance: Random, type_: str, types: Collection[str]) -> Aim | None:
        """Return the link by which something visible leads to something hidden, and a value that this has."""
        return self._aimed(chance, [lead for lead in self._leads(type_) if lead[1].type in types])

    def behind(self, chance: Random, type_: str, types: Collection[str]) -> Aim | None:
        """Return the link by which something hidden leads to something visible, and a value that it has."""
        return self._aimed(chance, [lead for lead in self._backs(type_) if lead[1].type in types])

    def _aimed(self, chance: Random, leads: Sequence[tuple[str, Node]]) -> Aim | None:
        if not leads:
            return None
        code, found = chance.choice(leads)
        secret = self._sensitive.get(found.type, ())
        known = [name for name in PARAMETERS[found.type].split() if name not in secret]
        for asked in chance.sample(known, min(_AIMS, len(known))):
            definition = definitions(found.type).get(asked)
            nodes = evaluate(definition.expression, found) if definition and definition.expression else []
            if definition and nodes and definition.type != "composite":
                value = written(chance, definition.type, chance.choice(nodes).value, "")
                return Aim(code, found.type, asked, value)
        return None

    def _leads(self, type_: str) -> list[tuple[str, Node]]:
        """Return the links from what is visible of a type to what is hidden."""
        if type_ not in self._ahead:
            self._ahead[type_] = [
                (code, place)
                for base in self._visible.get(type_, ())
                for code, name in _links(base)
                if name not in self._shown
                for place in self._named.get(name, ())
            ]
        return self._ahead[type_]

    def _backs(self, type_: str) -> list[tuple[str, Node]]:
        """Return the links from what is hidden to what is visible of a type."""
        if type_ not in self._behind:
            shown = {f"{type_}/{id_}" for id_ in self.visible_ids(type_)}
            self._behind[type_] = [
                (code, base)
                for name, bases in self._named.items()
                if name not in self._shown
                for base in bases
                for code, led in _links(base)
                if led in shown
            ]
        return self._behind[type_]

    def some_id(self, chance: Random, type_: str) -> str:
        """Return an id, or some."""
        ids = (*IDS.get(type_, ("x",)), "nobody")
        return ",".join(chance.sample(ids, chance.choice([1, 1, 1, 2, 3])))

    def _value(self, chance: Random, type_: str, definition: Definition, modifier: str) -> str:
        if definition.type == "composite":
            parts = (definitions(type_).get(c.code) for c in definition.components)
            return "$".join(self._value(chance, type_, part, "") if part else "x" for part in parts)
        seen = chance.random() < (0.9 if definition.code in self._sensitive.get(type_, ()) else 0.3)
        nodes = self.nodes(type_, definition.expression, seen=seen) if definition.expression else []
        node = chance.choice(nodes) if nodes and chance.random() < 0.85 else None
        return written(chance, definition.type, node, modifier)


def _links(base: Node) -> Iterator[tuple[str, str]]:
    """Yield each reference parameter of a resource with the ``Type/id`` that it leads to."""
    for code in {link.partition(":")[0]: None for link in LINKS.get(base.type, ())}:
        for node in evaluate(definitions(base.type)[code].expression, base):
            if isinstance(node.value, dict) and (place := local(node.value.get("reference", ""))):
                yield code, "/".join(place)

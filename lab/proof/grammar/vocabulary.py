"""The values to search for: those of the resources of both worlds, hidden and visible, and some of nobody.

Spec: https://hl7.org/fhir/R4/search.html
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from lab.fhir.search_parameters import Definition, definitions
from lab.proof.contents import CODES, FAMILIES, IDS, INS, LABELS
from lab.proof.reference.search.fhirpath import Node, evaluate
from lab.proof.world import BASE, Json

COMMON = ("_id", "_security", "_tag", "_lastUpdated", "_id", "_profile")
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
_DATES = ("2026-01-12", "2026-02", "2026", "2026-03-11T12:30:00+01:00", "1970-05-15", "2026-05-01", "x")
_PREFIXES = ("", "", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
_MODIFIERS = {
    "string": (":exact", ":contains", ":missing"),
    "token": (":not", ":text", ":missing", ":missing", ":not", ":text", ":of-type"),
    "reference": (":missing", ":identifier", ":Patient"),
    "date": (":missing",),
    "quantity": (":missing",),
    "uri": (":below", ":missing"),
}


_SENSITIVE = 0.28


class Vocabulary:
    """What can be said of the resources of some worlds; looked up once for each parameter."""

    def __init__(
        self, resources: Sequence[Json], visible: Sequence[Json], sensitive: Mapping[str, Sequence[str]]
    ) -> None:
        """Take the resources of all worlds, those visible, and the parameters to ask for more often."""
        self._sensitive = sensitive
        self._visible: dict[str, list[Node]] = {}
        for resource in visible:
            node = Node(resource["resourceType"], resource)
            self._visible.setdefault(node.type, []).append(node)
        self._shown = {f"{r['resourceType']}/{r['id']}" for r in visible}
        self._of: dict[str, list[Node]] = {}
        self._named: dict[str, list[Node]] = {}
        for resource in resources:
            node = Node(resource["resourceType"], resource)
            self._of.setdefault(node.type, []).append(node)
            self._named.setdefault(f"{node.type}/{resource['id']}", []).append(node)
        self._found: dict[tuple[str, str, bool], list[Any]] = {}

    def shows(self, type_: str) -> bool:
        """Tell whether something of a type is visible."""
        return type_ in self._visible

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
            code = chance.choice(sensitive)
        elif chance.random() < 0.1:
            code = chance.choice(sorted(definitions(type_)))
        else:
            code = chance.choice([*PARAMETERS[type_].split(), *COMMON])
        definition = definitions(type_).get(code)
        if definition is None:
            return code, "x"
        modifier = chance.choice(_MODIFIERS.get(definition.type, ("",))) if chance.random() < 0.15 else ""
        if code == "_id":
            return code, self.some_id(chance, type_)
        if modifier == ":missing":
            return code + modifier, chance.choice([*("true", "false", "false") * 5, "maybe"])
        many = chance.choice([1, 1, 1, 1, 2])
        values = [self._value(chance, type_, definition, modifier) for _ in range(many)]
        return code + modifier, ",".join(values)

    def aimed(self, chance: Random, type_: str, code: str, source: str = "") -> tuple[str, str, str] | None:
        """Return a type, a parameter and a value that one resource has which a reference leads to.

        With a ``source``, it is a resource of that type which refers to one of ``type_``.
        """
        of = source or type_
        bases = (self._of if source else self._visible).get(of)
        if not bases:
            return None
        base = chance.choice(bases)
        found = base
        if not source:
            led = [n.value for n in evaluate(definitions(of)[code].expression, base)]
            names = [each.get("reference", "") for each in led if isinstance(each, dict)]
            hidden = [name for name in names if name in self._named and name not in self._shown]
            places = self._named.get(chance.choice(hidden or names)) if names else None
            if not places:
                return None
            found = chance.choice(places)
        known = PARAMETERS[found.type].split()
        for asked in chance.sample(known, min(4, len(known))):
            definition = definitions(found.type).get(asked)
            nodes = evaluate(definition.expression, found) if definition and definition.expression else []
            if definition and nodes and definition.type != "composite":
                value = _written(chance, definition.type, chance.choice(nodes).value, "")
                return found.type, asked, value
        return None

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
        return _written(chance, definition.type, node, modifier)


def _written(chance: Random, kind: str, node: Any, modifier: str) -> str:
    match kind:
        case "token":
            return _token(chance, node, modifier)
        case "string":
            text = _text(chance, node)
            return text[: chance.choice([1, 3, 40])] if chance.random() < 0.4 else text
        case "date":
            text = node if isinstance(node, str) else (node or {}).get("start", chance.choice(_DATES))
            return chance.choice(_PREFIXES) + chance.choice([text, text[:7], text[:10]])
        case "quantity" | "number":
            number = node.get("value", 5) if isinstance(node, dict) else chance.randint(0, 9)
            return f"{chance.choice(_PREFIXES)}{number}{chance.choice(['', '', '||g/dL'])}"
        case "reference":
            return _reference(chance, node, modifier)
    return str(node) if isinstance(node, str) else "http://x"


def _token(chance: Random, node: Any, modifier: str) -> str:
    if isinstance(node, bool):
        return str(node).lower()
    if isinstance(node, str):
        return node
    coding = node or chance.choice(
        [{"code": c} for c in CODES] + [{"system": s, "code": c} for s, c in LABELS]
    )
    coding = chance.choice(coding["coding"]) if coding.get("coding") else coding
    system, code = coding.get("system", ""), coding.get("code", coding.get("value", "x"))
    if modifier == ":text":
        return str(coding.get("display", "lab"))
    return chance.choice([f"{system}|{code}", f"{system}|{code}", str(code), f"{system}|", f"|{code}"])


def _text(chance: Random, node: Any) -> str:
    if isinstance(node, dict):
        texts = [v for value in node.values() for v in (value if isinstance(value, list) else [value])]
        texts = [text for text in texts if isinstance(text, str)]
        return chance.choice(texts) if texts else "x"
    return node if isinstance(node, str) else chance.choice(FAMILIES)


def _reference(chance: Random, node: Any, modifier: str) -> str:
    if modifier == ":identifier":
        return f"{INS}|ins-{chance.randint(0, 9)}"
    type_ = chance.choice(["Patient", "Patient", "Encounter", "Practitioner", "Organization"])
    named = f"{type_}/{chance.choice(IDS[type_])}"
    literal = node.get("reference", named) if isinstance(node, dict) else named
    return chance.choice([literal, literal, literal.partition("/")[2], f"{BASE}/{literal}"])

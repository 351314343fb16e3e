"""The FHIRPath of search parameters, evaluated step by step over typed JSON.

Spec: http://hl7.org/fhirpath/N1/ and https://hl7.org/fhir/R4/fhirpath.html
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

_TOKEN = re.compile(r"\s*('(?:[^'\\]|\\.)*'|!=|[A-Za-z_]\w*|\d+|\S)")


class Node(NamedTuple):
    """A value; ``type`` is known of a resource and of a choice element, else empty."""

    type: str
    value: Any


class _Parser:
    """One method for each precedence, the loosest first; each returns a function from nodes to nodes."""

    def __init__(self, text: str) -> None:
        self.tokens = _TOKEN.findall(text)

    def peek(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def take(self, *expected: str) -> str:
        token = self.tokens.pop(0)
        if expected and token not in expected:
            raise ValueError((token, expected))
        return str(token)

    def conjunction(self) -> Any:
        left = self.equality()
        while self.peek() == "and":
            self.take()
            left = _and(left, self.equality())
        return left

    def equality(self) -> Any:
        left = self.union()
        if self.peek() in {"=", "!="}:
            left = _equals(self.take() == "=", left, self.union())
        return left

    def union(self) -> Any:
        left = self.typed()
        while self.peek() == "|":
            self.take()
            left = _union(left, self.typed())
        return left

    def typed(self) -> Any:
        left = self.path()
        while self.peek() in {"as", "is"}:
            left = (_as if self.take() == "as" else _is)(left, self.take())
        return left

    def path(self) -> Any:
        left = self.term()
        while self.peek() in {".", "["}:
            if self.take() == "[":
                left = _at(left, int(self.take()))
                self.take("]")
            else:
                left = self.invocation(left)
        return left

    def term(self) -> Any:
        word = self.take()
        if word == "(":
            inside = self.conjunction()
            self.take(")")
            return inside
        if word[0] == "'":
            return lambda _: [Node("string", word[1:-1])]
        if word in {"true", "false"}:
            return lambda _: [Node("boolean", word == "true")]
        self.tokens.insert(0, word)
        return self.invocation(lambda nodes: nodes, first=True)

    def invocation(self, left: Any, *, first: bool = False) -> Any:
        name = self.take()
        if self.peek() != "(":
            return _named(left, name, first=first)
        self.take("(")
        inside = None
        if self.peek() != ")":
            inside = self.take() if name in {"as", "ofType"} else self.conjunction()
        self.take(")")
        return _function(left, name, inside)


@cache
def _compiled(text: str) -> Callable[[list[Node]], list[Node]]:
    parser = _Parser(text)
    read: Callable[[list[Node]], list[Node]] = parser.conjunction()
    if parser.tokens:
        raise ValueError(text)
    return read


def evaluate(text: str, node: Node) -> list[Node]:
    """Return the nodes that an expression finds."""
    return _compiled(text)([node])


def _named(left: Any, name: str, *, first: bool) -> Any:
    def run(nodes: list[Node]) -> list[Node]:
        found = []
        for node in left(nodes):
            if first and (name == node.type or (name in {"Resource", "DomainResource"} and node.type)):
                found.append(node)
            elif not (first and name[0].isupper()):
                found += _children(node, name)
        return found

    return run


def _children(node: Node, name: str) -> list[Node]:
    if not isinstance(node.value, dict):
        return []
    found = []
    for key, value in node.value.items():
        suffix = key[len(name) :]
        if key == name or (key.startswith(name) and suffix[:1].isupper() and suffix in _TYPES):
            items = value if isinstance(value, list) else [value]
            found += [Node(suffix, item) for item in items if item is not None]
    return found


_TYPES = {
    *("Boolean", "String", "DateTime", "Date", "Instant", "Integer", "Decimal", "Uri", "Time", "Code"),
    *("CodeableConcept", "Coding", "Quantity", "Range", "Ratio", "Period", "SampledData", "Reference"),
    *("Identifier", "Age", "Timing", "Attachment", "Money", "Annotation", "Address", "HumanName"),
    *("CodeableReference", "Integer64", "Canonical", "Markdown", "Duration", "Dosage", "Expression", "Url"),
}


def _function(left: Any, name: str, inside: Any) -> Any:
    if name in {"as", "ofType"}:
        return _as(left, inside)
    if name == "where":
        return lambda nodes: [n for n in left(nodes) if [m.value for m in inside([n])] == [True]]
    if name == "first":
        return lambda nodes: left(nodes)[:1]
    if name == "extension":
        return lambda nodes: [
            extension
            for node in left(nodes)
            for extension in _children(node, "extension")
            if [extension.value["url"]] == [url.value for url in inside([node])]
        ]
    if name == "exists":
        return lambda nodes: [Node("boolean", bool(left(nodes)))]
    if name != "resolve":
        raise ValueError(name)
    return left


def _as(left: Any, type_: str) -> Any:
    wanted = type_[0].upper() + type_[1:]
    return lambda nodes: [n for n in left(nodes) if n.type == wanted]


def _is(left: Any, type_: str) -> Any:
    """Only ``resolve() is Type`` is needed: the type is told by the reference."""
    return lambda nodes: [Node("boolean", referred_type(n.value) == type_) for n in left(nodes)]


def referred_type(reference: Any) -> str:
    """Return the type that a Reference names."""
    literal = reference.get("reference", "")
    parts = literal.split("/_history/")[0].split("/")
    if len(parts) >= 2 and parts[-2][:1].isupper():
        return str(parts[-2])
    return str(reference.get("type", "")).split("/")[-1]


def _equals(wanted: bool, left: Any, right: Any) -> Any:  # noqa: FBT001 - a sign
    def run(nodes: list[Node]) -> list[Node]:
        one, other = left(nodes), right(nodes)
        if not one or not other:
            return []
        return [Node("boolean", ([n.value for n in one] == [n.value for n in other]) == wanted)]

    return run


def _and(left: Any, right: Any) -> Any:
    def run(nodes: list[Node]) -> list[Node]:
        values = [side(nodes) for side in (left, right)]
        if any([n.value for n in value] == [False] for value in values):
            return [Node("boolean", value=False)]
        return [Node("boolean", value=True)] if all(values) else []

    return run


def _union(left: Any, right: Any) -> Any:
    return lambda nodes: left(nodes) + right(nodes)


def _at(left: Any, index: int) -> Any:
    return lambda nodes: left(nodes)[index : index + 1]

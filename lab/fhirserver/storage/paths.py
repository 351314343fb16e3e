"""The FHIRPath of search parameters, compiled to functions over JSON.

Understood: dotted paths, unions, ``where(x = 'y')``, ``where(resolve() is Type)``,
``where(extension('url').exists())``, ``as(Type)``, ``(path as Type)``, ``ofType(Type)``, ``extension('url')``
and ``first()``, with choice elements (``value`` finds ``valueQuantity``). An expression beyond that is
refused, so that its parameter is not declared rather than answered wrongly.

Spec: https://hl7.org/fhir/R4/fhirpath.html
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from lab.fhirserver.storage.choices import is_choice
from lab.fhirserver.storage.references import reference_type

_Step = Callable[[list[Any]], list[Any]]

_TOKEN = re.compile(r"\s*('(?:[^'\\]|\\.)*'|[A-Za-z_][A-Za-z0-9_]*|[.()|=\[\]!<>]|\d+|\S)")
_ABSTRACT = frozenset({"Resource", "DomainResource"})


@dataclass(frozen=True)
class Path:
    """``evaluate`` finds the elements that a path names, arrays flattened.

    ``elements`` are the top-level elements that it starts from, a choice by the name before its type;
    ``always`` that it may find something without them.
    """

    evaluate: Callable[[dict[str, Any]], list[Any]]
    elements: frozenset[str]
    always: bool = False

    def concerns(self, keys: Collection[str]) -> bool:
        """Tell whether a resource with those top-level members may hold what the path names."""
        return self.always or any(key == e or is_choice(key, e) for e in self.elements for key in keys)


class UnsupportedExpressionError(ValueError):
    """An expression beyond the grammar of this module."""


def compile_path(expression: str, type_: str) -> Path:
    """Compile the part of an expression that concerns a type.

    Raises:
        UnsupportedExpressionError: the expression is not of the grammar, or says nothing of the type.
    """
    reader = _Reader(_TOKEN.findall(expression), type_)
    branches = reader.union()
    if reader.rest():
        raise UnsupportedExpressionError(expression)
    if not branches:
        message = f"{expression} says nothing of {type_}."
        raise UnsupportedExpressionError(message)
    elements = frozenset(reader.elements)
    if len(branches) == 1:
        return Path(partial(_run, branches[0]), elements)
    return Path(lambda resource: [node for branch in branches for node in _run(branch, resource)], elements)


def _run(steps: tuple[_Step, ...], resource: dict[str, Any]) -> list[Any]:
    nodes: list[Any] = [resource]
    for step in steps:
        nodes = step(nodes)
        if not nodes:
            break
    return nodes


class _Reader:
    """Recursive descent over the tokens; each branch of a union becomes a tuple of steps."""

    def __init__(self, tokens: list[str], type_: str) -> None:
        self._tokens = tokens
        self._at = 0
        self._type = type_
        self.elements: set[str] = set()

    def rest(self) -> bool:
        return self._at < len(self._tokens)

    def union(self) -> list[tuple[_Step, ...]]:
        branches = self._branch()
        while self._take("|"):
            branches = branches + self._branch()
        return branches

    def _branch(self) -> list[tuple[_Step, ...]]:
        """Read one path; several when it starts with a union in parentheses, none for another type."""
        fields: list[str] = []
        if self._take("("):
            starts = self.union()
            self._expect(")")
        else:
            root = self._name()
            starts = [()] if root == self._type or root in _ABSTRACT else []
            if starts and self._tokens[self._at : self._at + 1] == ["."]:
                self.elements.update(self._tokens[self._at + 1 : self._at + 2])
        steps: list[_Step] = []
        while True:
            if self._take("."):
                if self._tokens[self._at : self._at + 3] == ["first", "(", ")"]:
                    self._at += 3
                    starts, steps, fields = [(_first([(*start, *steps) for start in starts]),)], [], [""]
                else:
                    self._step(steps, fields)
            elif self._take("as"):
                self._narrow(steps, fields, self._name())
            else:
                return [(*start, *steps) for start in starts]

    def _step(self, steps: list[_Step], fields: list[str]) -> None:
        name = self._name()
        if not self._take("("):
            steps.append(_field(name))
            fields.append(name)
            return
        if name in {"as", "ofType"}:
            self._narrow(steps, fields, self._name())
        elif name == "where":
            steps.append(self._condition())
            fields.append("")
        elif name == "extension":
            steps.append(_extension(self._literal()))
            fields.append("")
        else:
            raise UnsupportedExpressionError(name)
        self._expect(")")

    def _narrow(self, steps: list[_Step], fields: list[str], type_: str) -> None:
        """Turn the field just read into one of its choices: ``value`` as Quantity is valueQuantity."""
        if not fields or not fields[-1]:
            raise UnsupportedExpressionError(type_)
        steps[-1] = _choice(fields[-1], type_)

    def _condition(self) -> _Step:
        name = self._name()
        if name == "resolve":
            for token in ("(", ")", "is"):
                self._expect(token)
            return _refers_to(self._name())
        if name == "extension":
            self._expect("(")
            extended = _extension(self._literal())
            for token in (")", ".", "exists", "(", ")"):
                self._expect(token)
            return lambda nodes: [node for node in nodes if extended([node])]
        self._expect("=")
        return _equals(name, self._literal())

    def _literal(self) -> str:
        literal = self._next()
        if not literal.startswith("'"):
            raise UnsupportedExpressionError(literal)
        return literal[1:-1]

    def _take(self, token: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == token:
            self._at += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise UnsupportedExpressionError(" ".join(self._tokens))

    def _next(self) -> str:
        if not self.rest():
            raise UnsupportedExpressionError(" ".join(self._tokens))
        self._at += 1
        return self._tokens[self._at - 1]

    def _name(self) -> str:
        token = self._next()
        if not token.isidentifier():
            raise UnsupportedExpressionError(token)
        return token


def _field(name: str) -> _Step:
    def step(nodes: list[Any]) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            if not isinstance(node, dict):
                continue
            child = node.get(name)
            if child is None:
                child = next((node[key] for key in node if is_choice(key, name)), None)
            if isinstance(child, list):
                found.extend(item for item in child if item is not None)
            elif child is not None:
                found.append(child)
        return found

    return step


def _choice(name: str, type_: str) -> _Step:
    key = name + type_[0].upper() + type_[1:]

    def step(nodes: list[Any]) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            child = node.get(key) if isinstance(node, dict) else None
            if isinstance(child, list):
                found.extend(child)
            elif child is not None:
                found.append(child)
        return found

    return step


def _extension(url: str) -> _Step:
    extensions, named = _field("extension"), _equals("url", url)
    return lambda nodes: named(extensions(nodes))


def _first(branches: list[tuple[_Step, ...]]) -> _Step:
    """Return the step to the first of what some paths find, in their order."""

    def step(nodes: list[Any]) -> list[Any]:
        found = (each for node in nodes for branch in branches for each in _run(branch, node))
        return list(islice(found, 1))

    return step


def _equals(name: str, literal: str) -> _Step:
    return lambda nodes: [node for node in nodes if isinstance(node, dict) and node.get(name) == literal]


def _refers_to(type_: str) -> _Step:
    return lambda nodes: [node for node in nodes if reference_type(node) == type_]

"""The FHIRPath of search parameters that ask yes or no: ``Patient.deceased.exists() and … != false``.

The answer is a value even of a resource without the elements: who is not known to be deceased is not. An
element that has extensions and no value (a reason why it is absent) exists, and its value is unknown.

Spec: https://hl7.org/fhir/R4/fhirpath.html and http://hl7.org/fhirpath/N1/#boolean-logic
"""

import re
from collections.abc import Callable
from typing import Any

from lab.fhirserver.storage.choices import is_choice
from lab.fhirserver.storage.paths import Path, UnsupportedExpressionError, compile_path

_Truth = Callable[[dict[str, Any]], bool | None]
_EXISTS = re.compile(r"[A-Z]\w*\.(?P<element>\w+)\.exists\(\)")
_DIFFERS = re.compile(r"(?P<path>[A-Z]\w*(?:\.\w+)+)\s*!=\s*(?P<literal>true|false)")


def is_truth(expression: str) -> bool:
    """Tell whether an expression is a conjunction of the conditions of this module."""
    return any(pattern.fullmatch(part) for part in _parts(expression) for pattern in (_EXISTS, _DIFFERS))


def compile_truth(expression: str, type_: str) -> Path:
    """Compile a conjunction to a path that finds True or False, and nothing when it is neither.

    Raises:
        UnsupportedExpressionError: a condition is not of the grammar.
    """
    truths = [_truth(part, type_) for part in _parts(expression)]

    def evaluate(resource: dict[str, Any]) -> list[Any]:
        found = {truth(resource) for truth in truths}
        return [False] if False in found else [] if None in found else [True]

    return Path(evaluate, frozenset(), always=True)


def _truth(condition: str, type_: str) -> _Truth:
    if match := _EXISTS.fullmatch(condition):
        element = match["element"]
        return lambda resource: any(_is(key.removeprefix("_"), element) for key in resource)
    if match := _DIFFERS.fullmatch(condition):
        read, literal = compile_path(match["path"], type_).evaluate, match["literal"] == "true"
        return lambda resource: _differs(read(resource), literal=literal)
    raise UnsupportedExpressionError(condition)


def _is(key: str, element: str) -> bool:
    """Tell whether a member is an element, be it one that has extensions and no value."""
    return key == element or is_choice(key, element)


def _differs(nodes: list[Any], *, literal: bool) -> bool | None:
    return nodes != [literal] if nodes else None


def _parts(expression: str) -> list[str]:
    return [part.strip() for part in expression.split(" and ")]

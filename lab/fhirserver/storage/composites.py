"""What a composite search parameter comes down to, by the element that it starts from.

At the root of a resource, whose components do not repeat, it is the conjunction of its components and needs
no rows of its own. On an element that repeats, its rows pair the components of each repetition. Over
several elements, it is the union of the composites on each.

Spec: https://hl7.org/fhir/R4/search.html#composite
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lab.fhir.search_parameters import Component, Definition, within
from lab.fhirserver.storage.paths import Path, UnsupportedExpressionError, compile_path

SAMPLED = "\x1fSampledData"
"""The code of one more row of a quantity parameter that has found sampled data."""


@dataclass(frozen=True)
class Narrowing:
    """A component reads less than its parameter: nothing where ``code`` finds something, or ``only``."""

    code: str
    only: str | None = None


@dataclass(frozen=True)
class Conjunction:
    """All of the parameters have to match, and none of the narrowings."""

    codes: tuple[str, ...]
    narrowings: tuple[Narrowing, ...] = ()


@dataclass(frozen=True)
class Pairs:
    """The rows of the parameter are searched, the values by their types."""

    kinds: tuple[str, str]


@dataclass(frozen=True)
class Union:
    """One of the composites has to match."""

    codes: tuple[str, ...]


PAIRED = frozenset({"token", "quantity", "reference", "string"})
"""The types that a component of pairs may have."""

Composite = Conjunction | Pairs | Union


class Pair(NamedTuple):
    """The values of both components in one element, with their types and their code systems, if implicit."""

    kinds: tuple[str, str]
    systems: tuple[str, str]
    values: tuple[list[Any], list[Any]]


_NARROWINGS: Mapping[tuple[str, str], Narrowing] = {
    ("value-string", "value.as(string)"): Narrowing("value-concept"),  # not the text of a CodeableConcept
    ("value-quantity", "value.as(Quantity)"): Narrowing("value-quantity", SAMPLED),
    ("value-quantity", "value.ofType(Quantity)"): Narrowing("value-quantity", SAMPLED),
}


def composite(
    definition: Definition, type_: str, known: Mapping[str, Definition], systems: Mapping[str, str]
) -> tuple[Composite, Path]:
    """Return the form of a composite of a type, and the path of its pairs; ``systems`` are implicit ones.

    Raises:
        UnsupportedExpressionError: it has other than two components, or starts from or names something
            unknown, or its components are of a type that has no pairs.
    """
    if len(definition.components) != 2 or not all(c.code in known for c in definition.components):
        raise UnsupportedExpressionError(definition.code)
    starts = tuple(branch.strip() for branch in definition.expression.split("|"))
    if len(starts) > 1:
        return Union(tuple(_on(start, definition, known) for start in starts)), _NOWHERE
    if starts == (type_,):
        return _conjunction(definition), _NOWHERE
    first, second = (_like(starts[0], c, known) for c in definition.components)
    kinds = known[first].type, known[second].type
    if not PAIRED.issuperset(kinds):
        raise UnsupportedExpressionError(definition.code)
    paired = Pair(kinds, (systems.get(first, ""), systems.get(second, "")), ([], []))
    return Pairs(kinds), _paired(definition, type_, paired)


_NOWHERE = Path(lambda _: [], frozenset())


def _on(start: str, definition: Definition, known: Mapping[str, Definition]) -> str:
    """Return the composite of the same components on one element."""
    expressions = [c.expression for c in definition.components]
    for code, other in known.items():
        if other.expression == start and [c.expression for c in other.components] == expressions:
            return code
    raise UnsupportedExpressionError(definition.code)


def _conjunction(definition: Definition) -> Conjunction:
    parts = [(c.code, c.expression) for c in definition.components]
    narrowings = tuple(_NARROWINGS[part] for part in parts if part in _NARROWINGS)
    return Conjunction(tuple(code for code, _ in parts), narrowings)


def _like(start: str, component: Component, known: Mapping[str, Definition]) -> str:
    """Return the parameter that a component is searched like: one on the same element, else the one it names.

    R4 names the parameters of DocumentReference ``relationship`` the wrong way round.
    """
    expression = f"{start}.{component.expression}"
    return next((code for code, d in known.items() if d.expression == expression), component.code)


def _paired(definition: Definition, type_: str, empty: Pair) -> Path:
    base = compile_path(definition.expression, type_)
    first, second = (_relative(c.expression) for c in definition.components)

    def evaluate(resource: dict[str, Any]) -> list[Any]:
        found = [(first(node), second(node)) for node in base.evaluate(resource) if isinstance(node, dict)]
        return [empty._replace(values=values) for values in found if all(values)]

    return Path(evaluate, base.elements)


def _relative(expression: str) -> Callable[[dict[str, Any]], list[Any]]:
    return compile_path(within("Element", expression), "Element").evaluate

"""The search parameters that this server understands, and hence declares, of each type it serves.

Spec: https://hl7.org/fhir/R4/searchparameter-registry.html
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from lab.fhir.search_parameters import Definition, definitions
from lab.fhirserver.elements import elements
from lab.fhirserver.storage.composites import Composite, Pairs, composite
from lab.fhirserver.storage.paths import Path, UnsupportedExpressionError, compile_path
from lab.fhirserver.storage.truth import compile_truth, is_truth
from lab.validation.fast import covered_types

LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        "_content": "searches the whole text of resources, which needs a full-text index",
        "_text": "searches the narrative of resources, which needs a full-text index",
        "_query": "names a query that a server defines; this one defines none",
        "Bundle.composition": "leads into a resource inside the Bundle, which has no address of its own here",
        "Bundle.message": "leads into a resource inside the Bundle, which has no address of its own here",
    }
)
"""The standard parameters that the server does not have, by code or by type and code, with the reason."""

_READING = "2"
"""What to change when the same element gives other rows than before: folding, bounds, shapes."""

_NOT_STORED = frozenset({"OperationOutcome", "Parameters"})  # they have no endpoint of their own
_COLUMNS = frozenset({"_id", "_lastUpdated"})  # answered from the resource row, not from the index


@dataclass(frozen=True)
class Parameter:
    """A search parameter of one type with the path that finds its elements in a resource.

    ``system`` is the code system of a parameter that reads elements of type code; empty otherwise.
    ``composite`` tells how a composite is put together.
    """

    definition: Definition
    path: Path
    system: str = ""
    composite: Composite | None = None

    @property
    def indexed(self) -> bool:
        """Tell whether its values have rows in the index."""
        has_rows = self.composite is None or isinstance(self.composite, Pairs)
        return has_rows and self.definition.code not in _COLUMNS


@cache
def served_types() -> tuple[str, ...]:
    """Return the resource types of the server, sorted."""
    return tuple(sorted(covered_types() - _NOT_STORED))


@cache
def parameters(type_: str) -> Mapping[str, Parameter]:
    """Return the parameters of a type by code."""
    known = definitions(type_)
    kept = (d for code, d in sorted(known.items()) if not LEFT_OUT.keys() & {code, f"{type_}.{code}"})
    return MappingProxyType({d.code: _parameter(type_, d, known) for d in kept})


def _parameter(type_: str, definition: Definition, known: Mapping[str, Definition]) -> Parameter:
    """Compile one parameter.

    Raises:
        UnsupportedExpressionError: it is beyond the path evaluator, and no reason says why it is left out.
    """
    expression = definition.expression
    if definition.components:
        form, path = composite(definition, type_, known)
        return Parameter(definition, path, composite=form)
    if is_truth(expression):
        return Parameter(definition, compile_truth(expression, type_))
    if not expression:
        raise UnsupportedExpressionError(definition.code)
    system = elements(type_).systems.get(definition.code, "")
    return Parameter(definition, compile_path(expression, type_), system)


@cache
def fingerprint() -> str:
    """Return a digest that changes when stored resources must be indexed again."""
    lines = [_READING]
    lines += [
        f"{type_} {code} {parameter.definition.type} {parameter.definition.expression} {parameter.system}"
        for type_ in served_types()
        for code, parameter in parameters(type_).items()
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()

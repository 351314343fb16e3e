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
from lab.fhirserver.storage.paths import Path, UnsupportedExpressionError, compile_path
from lab.validation.fast import covered_types

KINDS = frozenset({"token", "string", "date", "reference", "number", "quantity", "uri"})
_NOT_STORED = frozenset({"OperationOutcome", "Parameters"})  # they have no endpoint of their own
_COLUMNS = frozenset({"_id", "_lastUpdated"})  # answered from the resource row, not from the index


@dataclass(frozen=True)
class Parameter:
    """A search parameter of one type with the path that finds its elements in a resource.

    ``system`` is the code system of a parameter that reads elements of type code; empty otherwise.
    """

    definition: Definition
    path: Path
    system: str = ""

    @property
    def indexed(self) -> bool:
        """Tell whether its values have rows in the index."""
        return self.definition.code not in _COLUMNS


@cache
def served_types() -> tuple[str, ...]:
    """Return the resource types of the server, sorted."""
    return tuple(sorted(covered_types() - _NOT_STORED))


@cache
def parameters(type_: str) -> Mapping[str, Parameter]:
    """Return the parameters of a type by code; those beyond the path evaluator are left out."""
    found = {}
    for code, definition in sorted(definitions(type_).items()):
        if definition.type in KINDS and definition.expression:
            try:
                system = elements(type_).systems.get(code, "")
                found[code] = Parameter(definition, compile_path(definition.expression, type_), system)
            except UnsupportedExpressionError:
                continue
    return MappingProxyType(found)


@cache
def fingerprint() -> str:
    """Return a digest that changes when stored resources must be indexed again."""
    lines = [
        f"{type_} {code} {parameter.definition.type} {parameter.definition.expression} {parameter.system}"
        for type_ in served_types()
        for code, parameter in parameters(type_).items()
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()

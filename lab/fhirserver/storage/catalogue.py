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
from lab.model.release import Release
from lab.validation.fast import covered_types

_TEXT = "searches the whole text of resources, which needs a full-text index"
_NARRATIVE = "searches the narrative of resources, which needs a full-text index"
_QUERY = "names a query that a server defines; this one defines none"
_NOWHERE = "its definition says of no element that it reads it"
_UNDEFINED = "its definition names a component that the release does not define"
_INSIDE = "leads into a resource inside the Bundle, which has no address of its own here"

LEFT_OUT: Mapping[Release, Mapping[str, str]] = MappingProxyType(
    {
        "R4": {
            "_content": _TEXT,
            "_text": _NARRATIVE,
            "_query": _QUERY,
            "Bundle.composition": _INSIDE,
            "Bundle.message": _INSIDE,
        },
        "R5": {
            "_content": _TEXT,
            "_text": _NARRATIVE,
            "_query": _QUERY,
            "_filter": "is a language of its own",
            "_in": "asks who is a member of what, which no element of a resource says",
            "_list": "asks who is a member of what, which no element of a resource says",
            "Bundle.composition": _INSIDE,
            "Bundle.message": _INSIDE,
            "Composition.section-text": _NARRATIVE,
            "Composition.section-code-text": "its components are not elements of the section it starts from",
            "Device.code-value-concept": "its components are not elements of the device it starts from",
            "Encounter.location-period": _UNDEFINED,
            "ImagingStudy.reason": _NOWHERE,
            "Location.contains": "compares areas, which needs a geographic index",
            "Medication.form": _NOWHERE,
            "Observation.code-value-string": _UNDEFINED,
            "ResearchStudy.progress-status-state-actual": _UNDEFINED,
            "ResearchStudy.progress-status-state-period": _UNDEFINED,
            "ResearchStudy.progress-status-state-period-actual": _UNDEFINED,
        },
    }
)
"""The standard parameters that the server does not have, by code or by type and code, with the reason."""

BESIDE = frozenset({"_has", "_type"})
"""What R5 lists among the parameters of every type, and is understood apart from their values."""

_READING = "3"
"""What to change when the same element gives other rows than before: folding, bounds, shapes."""

_NOT_STORED = frozenset({"OperationOutcome", "Parameters", "SubscriptionStatus"})
"""They are parts of answers, and have no endpoint of their own."""

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
def served_types(release: Release) -> tuple[str, ...]:
    """Return the resource types of a server of a release, sorted."""
    return tuple(sorted(covered_types(release) - _NOT_STORED))


@cache
def parameters(type_: str, release: Release) -> Mapping[str, Parameter]:
    """Return the parameters of a type by code."""
    known = definitions(type_, release)
    without = LEFT_OUT[release].keys() | BESIDE
    kept = (d for code, d in sorted(known.items()) if not without & {code, f"{type_}.{code}"})
    return MappingProxyType({d.code: _parameter(type_, d, known, release) for d in kept})


def _parameter(
    type_: str, definition: Definition, known: Mapping[str, Definition], release: Release
) -> Parameter:
    """Compile one parameter.

    Raises:
        UnsupportedExpressionError: it is beyond the path evaluator, and no reason says why it is left out.
    """
    expression = definition.expression
    if definition.components:
        form, path = composite(definition, type_, known, elements(type_, release).systems)
        return Parameter(definition, path, composite=form)
    if is_truth(expression):
        return Parameter(definition, compile_truth(expression, type_))
    if not expression:
        raise UnsupportedExpressionError(definition.code)
    system = elements(type_, release).systems.get(definition.code, "")
    return Parameter(definition, compile_path(expression, type_), system)


@cache
def fingerprint(release: Release) -> str:
    """Return a digest that changes when stored resources must be indexed again."""
    lines = [_READING]
    lines += [
        f"{type_} {code} {parameter.definition.type} {parameter.definition.expression} {parameter.system}"
        for type_ in served_types(release)
        for code, parameter in parameters(type_, release).items()
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()

"""Read the parameters of a search: criteria, order, page size, includes; and remember what was understood.

Spec: https://hl7.org/fhir/R4/search.html#return and https://hl7.org/fhir/R4/search.html#errors
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lab.fhir.request import Parameter
from lab.fhir.response import FhirError
from lab.fhirserver.presentation import PARAMETERS as SHOWN
from lab.fhirserver.search.criteria import criteria
from lab.fhirserver.search.criterion import Criterion
from lab.fhirserver.search.includes import Include, include
from lab.fhirserver.search.own import Scope, UnknownParameterError
from lab.fhirserver.search.query import Query
from lab.fhirserver.search.sorting import Sort, natural, sorts
from lab.fhirserver.sql import TRUE
from lab.fhirserver.visibility import cohort_keys, visible

DEFAULT_COUNT = 50
MAX_COUNT = 1000
_ONCE = frozenset({"_sort", "_count", "_total", "_summary"})
_TOTALS = frozenset({"none", "estimate", "accurate"})


@dataclass(frozen=True)
class Search:
    """``understood`` are the parameters that the self link repeats; ``count`` is the size of a page."""

    query: Query
    understood: tuple[Parameter, ...]
    count: int
    with_total: bool
    includes: tuple[Include, ...]


def read(scope: Scope, type_: str, parameters: Iterable[Parameter], *, strict: bool) -> Search:
    """Read the parameters of a search on a type.

    Raises:
        FhirError: 400 for a value that cannot be understood and, if ``strict``, for an unknown parameter.
    """
    understood: list[Parameter] = []
    asked: list[Criterion] = []
    includes: list[Include] = []
    order: tuple[Sort, ...] = ()
    for parameter in parameters:
        if parameter.name in _ONCE and any(p.name == parameter.name for p in understood):
            raise FhirError(400, "invalid", f"{parameter.name} is given more than once.")
        try:
            match parameter.name:
                case "_include" | "_revinclude":
                    includes.append(include(parameter, scope.store.release))
                case "_sort":
                    order = sorts(scope.store, scope.view, type_, parameter.value)
                case "_count" | "_total":
                    pass
                case name if name in SHOWN:
                    pass
                case _:
                    asked += criteria(scope, type_, parameter)
        except UnknownParameterError:
            if strict:
                message = "A search parameter is not known on this type; the CapabilityStatement lists them."
                raise FhirError(400, "not-supported", message) from None
            continue
        understood.append(parameter)
    count = page_size(understood)
    summary = [p.value for p in understood if p.name == "_summary"]
    if summary == ["count"]:
        count = 0
    return Search(
        Query(
            type_,
            (*asked, *_view(scope, type_)),
            order or (natural(scope.store, scope.view, type_, understood),),
        ),
        tuple(understood),
        count,
        count == 0 or _total(understood) == "accurate",
        tuple(includes),
    )


def page_size(parameters: Iterable[Parameter]) -> int:
    """Return how many matches a page holds at most; ``_count`` may ask for fewer than the maximum.

    Raises:
        FhirError: 400 when it is not a number.
    """
    values = [p.value for p in parameters if p.name == "_count"]
    if not values:
        return DEFAULT_COUNT
    if not (values[-1].isascii() and values[-1].isdigit() and len(values[-1]) < 10):
        raise FhirError(400, "invalid", "_count takes a number.")
    return min(int(values[-1]), MAX_COUNT)


def _total(understood: list[Parameter]) -> str:
    value = next((p.value for p in understood if p.name == "_total"), "none")
    if value not in _TOTALS:
        raise FhirError(400, "invalid", "_total takes none, estimate or accurate.")
    return value


def _view(scope: Scope, type_: str) -> tuple[Criterion, ...]:
    """Return the view as one more criterion."""
    seen = visible(scope.store, scope.view, type_, scope.now)
    if seen == TRUE:
        return ()
    keys = cohort_keys(scope.store, scope.view, type_, scope.now)
    return (Criterion(seen, keys, exact=False, covered=True),)

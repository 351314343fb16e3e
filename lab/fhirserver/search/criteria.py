"""From one search parameter to its criterion, through chains and ``_has``; the view is in every sub-query.

Spec: https://hl7.org/fhir/R4/search.html#chaining and https://hl7.org/fhir/R4/search.html#has
"""

from lab.fhir.request import Parameter
from lab.fhir.response import FhirError
from lab.fhirserver.search import kinds
from lab.fhirserver.search.composite import conjuncts
from lab.fhirserver.search.criterion import Criterion, merged, refers_among
from lab.fhirserver.search.own import Scope, UnknownParameterError, of_itself, within
from lab.fhirserver.search.values import alternatives
from lab.fhirserver.sql import Sql, both
from lab.fhirserver.storage.catalogue import parameters, served_types
from lab.fhirserver.storage.composites import Conjunction
from lab.fhirserver.storage.type_numbers import number
from lab.fhirserver.visibility import visible

MAX_DEPTH, MAX_CONFINED_DEPTH = 3, 2
"""Links of a chain and levels of ``_has`` together; for who sees a part, its conditions stand at each level.

One more, and SQLite could read some of them and others not, depending on what is stored: seen or not.
"""

REFUSED = frozenset({"_content", "_text", "_query", "_filter", "_list"})
"""What FHIR defines for every type and this server does not have."""


def criterion(scope: Scope, type_: str, parameter: Parameter, depth: int = 0) -> Criterion:
    """Return what a parameter asks of the resources of a type.

    Raises:
        UnknownParameterError: the type has no such parameter.
        FhirError: 400 when its modifier or its value cannot be understood.
    """
    deepest = MAX_CONFINED_DEPTH if scope.view.confined else MAX_DEPTH
    if depth > deepest:
        message = f"A chain is longer than {deepest} links."
        raise FhirError(400, "too-costly", message)
    if parameter.name in REFUSED:
        message = f"{parameter.name} is not supported, and the answer without it would be another."
        raise FhirError(400, "not-supported", message)
    if parameter.name == "_has":
        return _has(scope, type_, parameter, depth)
    whole = parameter.name + (f":{parameter.modifier}" if parameter.modifier else "")
    if "." in whole:
        link, _, rest = whole.partition(".")
        return _chain(scope, type_, link, _parameter(rest, parameter.value), depth)
    return of_itself(scope, type_, parameter)


def criteria(scope: Scope, type_: str, parameter: Parameter) -> list[Criterion]:
    """Return what a parameter asks for, in as many criteria as possible: plans choose among these.

    Raises:
        UnknownParameterError: the type has no such parameter.
        FhirError: 400 when its modifier or its value cannot be understood.
    """
    known = parameters(type_, scope.store.release).get(parameter.name)
    form = known.composite if known else None
    if isinstance(form, Conjunction) and parameter.modifier is None:
        values = alternatives(parameter.value)
        if len(values) == 1:
            return conjuncts(scope.store, form, values[0], *within(scope, type_))
    return [criterion(scope, type_, parameter)]


def _chain(scope: Scope, type_: str, link: str, rest: Parameter, depth: int) -> Criterion:
    """Follow a reference: ``subject:Patient.name`` or, to every type it may lead to, ``subject.name``."""
    code, _, only = link.partition(":")
    known = parameters(type_, scope.store.release).get(code)
    if known is None or known.definition.type != "reference":
        raise UnknownParameterError(code)
    targets = known.definition.targets
    if only and only not in targets:
        raise kinds.unsupported(only)
    found = []
    at = scope.place(type_, code)
    for target in (only,) if only else targets:
        if target not in served_types(scope.store.release):
            continue
        try:
            inner = criterion(scope, target, rest, depth + 1)
        except UnknownParameterError:
            continue
        keys = Sql("select r.k from resource r where") + _rows(scope, target, inner)
        found.append(refers_among(at.base if at.base and target == at.only else at, keys))
    if not found:
        raise UnknownParameterError(rest.name)
    return merged(*found)


def _has(scope: Scope, type_: str, parameter: Parameter, depth: int) -> Criterion:
    """Follow a reference backwards: ``_has:Observation:patient:code``."""
    source, _, rest = (parameter.modifier or "").partition(":")
    code, _, inner_name = rest.partition(":")
    release = scope.store.release
    known = parameters(source, release).get(code) if source in served_types(release) else None
    if known is None or known.definition.type != "reference" or type_ not in known.definition.targets:
        raise UnknownParameterError(parameter.name)
    inner = criterion(scope, source, _parameter(inner_name, parameter.value), depth + 1)
    pointed = scope.place(source, code).targets(_rows(scope, source, inner))
    referred = Sql("r.k in (") + pointed + Sql(")")
    return Criterion(
        referred, Sql("select r.k from resource r where r.type = ? and", (number(type_),)) + referred
    )


def _rows(scope: Scope, type_: str, inner: Criterion) -> Sql:
    """Return the condition on the row ``r`` of a resource that is met, there and visible."""
    conditions = [Sql("r.type = ? and r.deleted = 0", (number(type_),))]
    if inner.keys is not None:
        conditions.append(Sql("r.k in (") + inner.keys + Sql(")"))
    if inner.keys is None or not inner.exact:
        conditions.append(inner.test)
    return both((*conditions, visible(scope.store, scope.view, type_, scope.now)))


def _parameter(name: str, value: str) -> Parameter:
    head, _, modifier = name.partition(":")
    return Parameter(head, value, modifier or None)

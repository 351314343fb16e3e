"""From one search parameter to its criterion, through chains and ``_has``; the view is in every sub-query.

Spec: https://hl7.org/fhir/R4/search.html#chaining and https://hl7.org/fhir/R4/search.html#has
"""

from dataclasses import dataclass

from lab.fhir.request import Parameter
from lab.fhir.response import FhirError
from lab.fhir.view import View
from lab.fhirserver.search import kinds
from lab.fhirserver.search.criterion import Alternative, Criterion, any_of, missing, none_of
from lab.fhirserver.search.kinds import Reading
from lab.fhirserver.search.values import alternatives, unescape
from lab.fhirserver.sql import Sql, among, both, either
from lab.fhirserver.storage.catalogue import parameters, served_types
from lab.fhirserver.storage.store import Store
from lab.fhirserver.visibility import visible

MAX_DEPTH = 4
"""Links of a chain and levels of ``_has`` together."""


class UnknownParameterError(Exception):
    """A search parameter that this server does not have on that type."""


@dataclass(frozen=True)
class Scope:
    """What a search is evaluated on."""

    store: Store
    view: View
    base_url: str
    now: int

    @property
    def reading(self) -> Reading:
        """Return what the meaning of values depends on."""
        bases, zone = self.store.context
        return Reading({*bases, self.base_url}, zone, self.now)

    def number(self, type_: str, code: str) -> int:
        """Return the number of a parameter in the index."""
        return self.store.parameters[type_, code]


def criterion(scope: Scope, type_: str, parameter: Parameter, depth: int = 0) -> Criterion:
    """Return what a parameter asks of the resources of a type.

    Raises:
        UnknownParameterError: the type has no such parameter.
        FhirError: 400 when its modifier or its value cannot be understood.
    """
    if depth > MAX_DEPTH:
        message = f"A chain is longer than {MAX_DEPTH} links."
        raise FhirError(400, "too-costly", message)
    if parameter.name == "_has":
        return _has(scope, type_, parameter, depth)
    whole = parameter.name + (f":{parameter.modifier}" if parameter.modifier else "")
    if "." in whole:
        link, _, rest = whole.partition(".")
        return _chain(scope, type_, link, _parameter(rest, parameter.value), depth)
    if parameter.name == "_id":
        return _id(type_, parameter)
    if parameter.name == "_lastUpdated":
        return _last_updated(scope, parameter)
    return _own(scope, type_, parameter)


def _own(scope: Scope, type_: str, parameter: Parameter) -> Criterion:
    known = parameters(type_).get(parameter.name)
    if known is None:
        raise UnknownParameterError(parameter.name)
    kind, param, modifier = known.definition.type, scope.number(type_, parameter.name), parameter.modifier
    if modifier == "missing":
        return missing(param, absent=_boolean(parameter.value))
    if kind == "reference" and modifier == "identifier":
        kind, param, modifier = "token", scope.number(type_, f"{parameter.name}:identifier"), None
    if kind == "reference" and modifier is not None and modifier not in known.definition.targets:
        raise kinds.unsupported(modifier)
    negated = kind == "token" and modifier == "not"
    read, reading = kinds.READERS[kind], scope.reading
    values = alternatives(parameter.value)
    found = any_of(param, [read(value, None if negated else modifier, reading) for value in values])
    return none_of(found) if negated else found


def _id(type_: str, parameter: Parameter) -> Criterion:
    if parameter.modifier is not None:
        raise kinds.unsupported(parameter.modifier)
    ids = tuple(unescape(value) for value in alternatives(parameter.value))
    condition = among("r.id", ids)
    return Criterion(condition, Sql("select r.k from resource r where r.type = ? and", (type_,)) + condition)


def _last_updated(scope: Scope, parameter: Parameter) -> Criterion:
    """Compare the milliseconds of the last update, an interval of one millisecond."""
    conditions = []
    for value in alternatives(parameter.value):
        on_value = kinds.date(value, parameter.modifier, scope.reading).condition
        text = on_value.text.replace("v.low", "r.updated").replace("v.high", "(r.updated + 1)")
        conditions.append(Sql(text, on_value.args))
    return Criterion(either(conditions))


def _chain(scope: Scope, type_: str, link: str, rest: Parameter, depth: int) -> Criterion:
    """Follow a reference: ``subject:Patient.name`` or, to every type it may lead to, ``subject.name``."""
    code, _, only = link.partition(":")
    known = parameters(type_).get(code)
    if known is None or known.definition.type != "reference":
        raise UnknownParameterError(code)
    targets = known.definition.targets
    if only and only not in targets:
        raise kinds.unsupported(only)
    found = []
    for target in (only,) if only else targets:
        if target not in served_types():
            continue
        try:
            inner = criterion(scope, target, rest, depth + 1)
        except UnknownParameterError:
            continue
        ids = Sql("select r.id from resource r where") + _rows(scope, target, inner)
        found.append(Alternative(Sql("v.system = ? and v.code in (", (target,)) + ids + Sql(")")))
    if not found:
        raise UnknownParameterError(rest.name)
    return any_of(scope.number(type_, code), found)


def _has(scope: Scope, type_: str, parameter: Parameter, depth: int) -> Criterion:
    """Follow a reference backwards: ``_has:Observation:patient:code``."""
    source, _, rest = (parameter.modifier or "").partition(":")
    code, _, inner_name = rest.partition(":")
    known = parameters(source).get(code) if source in served_types() else None
    if known is None or known.definition.type != "reference" or type_ not in known.definition.targets:
        raise UnknownParameterError(parameter.name)
    inner = criterion(scope, source, _parameter(inner_name, parameter.value), depth + 1)
    referred = (
        Sql("r.id in (select v.code from resource r cross join value v where")
        + _rows(scope, source, inner)
        + Sql("and v.k = r.k and v.param = ? and v.system = ?)", (scope.number(source, code), type_))
    )
    return Criterion(referred, Sql("select r.k from resource r where r.type = ? and", (type_,)) + referred)


def _rows(scope: Scope, type_: str, inner: Criterion) -> Sql:
    """Return the condition on the row ``r`` of a resource that is met, there and visible."""
    conditions = [Sql("r.type = ? and r.deleted = 0", (type_,))]
    if inner.keys is not None:
        conditions.append(Sql("r.k in (") + inner.keys + Sql(")"))
    if inner.keys is None or not inner.exact:
        conditions.append(inner.test)
    return both((*conditions, visible(scope.view, type_, scope.now)))


def _parameter(name: str, value: str) -> Parameter:
    head, _, modifier = name.partition(":")
    return Parameter(head, value, modifier or None)


def _boolean(value: str) -> bool:
    if value not in {"true", "false"}:
        raise FhirError(400, "invalid", "The modifier :missing takes true or false.")
    return value == "true"

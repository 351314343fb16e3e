"""What a search parameter asks of a resource by its own values, whatever it refers to.

Spec: https://hl7.org/fhir/R4/search.html#parameters
"""

from dataclasses import dataclass, replace
from functools import cached_property

from lab.fhir.request import Parameter
from lab.fhir.response import FhirError
from lab.fhir.view import View
from lab.fhirserver.search import kinds
from lab.fhirserver.search.composite import Own, Placed, composite, refuse_modifier
from lab.fhirserver.search.criterion import Criterion, any_of, merged, missing, none_of, refers
from lab.fhirserver.search.kinds import Reading
from lab.fhirserver.search.place import Place, place
from lab.fhirserver.search.seen_time import seen_time
from lab.fhirserver.search.token_modifiers import BESIDE, beside
from lab.fhirserver.search.values import alternatives, unescape
from lab.fhirserver.sql import FALSE, TRUE, Sql, among, either
from lab.fhirserver.storage.catalogue import parameters
from lab.fhirserver.storage.derivation import parts
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.type_numbers import number


class UnknownParameterError(Exception):
    """A search parameter that this server does not have on that type."""


@dataclass(frozen=True)
class Scope:
    """What a search is evaluated on."""

    store: Store
    view: View
    base_url: str
    now: int

    @cached_property
    def reading(self) -> Reading:
        """Return what the meaning of values depends on."""
        known = self.store.context
        return Reading({*known.bases, self.base_url}, known.zone, self.now)

    def place(self, type_: str, code: str) -> Place:
        """Return where the values of a parameter stand."""
        return place(self.store, type_, code)


def of_itself(scope: Scope, type_: str, parameter: Parameter) -> Criterion:
    """Return what a parameter without links asks of the resources of a type.

    Raises:
        UnknownParameterError: the type has no such parameter.
        FhirError: 400 when its modifier or its value cannot be understood.
    """
    match parameter.name:
        case "_id":
            return _id(type_, parameter)
        case "_lastUpdated":
            return _last_updated(scope, parameter)
    return _own(scope, type_, parameter)


def _own(scope: Scope, type_: str, parameter: Parameter) -> Criterion:
    known, modifier = parameters(type_, scope.store.release).get(parameter.name), parameter.modifier
    if known is None:
        raise UnknownParameterError(parameter.name)
    if known.composite is not None:
        refuse_modifier(modifier)
        return composite(scope.store, parameter, known.composite, *within(scope, type_), scope.reading)
    kind = known.definition.type
    if kind == "special":
        refuse_modifier(modifier)
    if united := parts(type_, parameter.name, scope.store.release):
        return _united(scope, type_, united, parameter)
    at = scope.place(type_, parameter.name)
    if modifier == "missing":
        return missing(at, absent=_boolean(parameter.value))
    if kind == "token" and modifier in BESIDE:
        return beside(scope.store, known, at, modifier, parameter.value)
    code = parameter.name
    if kind == "reference" and modifier == "identifier":
        kind, code, modifier = "token", f"{code}:identifier", None
    if kind == "reference":
        return _reference(scope, type_, parameter, known.definition.targets)
    negated = kind == "token" and modifier == "not"
    read, reading = kinds.READERS[kind], scope.reading
    values = alternatives(parameter.value)
    read_values = [read(value, None if negated else modifier, reading) for value in values]
    found = any_of(scope.store, scope.place(type_, code), read_values)
    return none_of(found) if negated else found


def within(scope: Scope, type_: str) -> tuple[Own, Placed]:
    """Return how the components of a composite of the type are searched."""
    return (
        lambda code, value: _own(scope, type_, Parameter(code, value)),
        lambda code: scope.place(type_, code),
    )


def _united(scope: Scope, type_: str, united: tuple[str, ...], parameter: Parameter) -> Criterion:
    """Return the criterion of a parameter that has no values of its own but those of others."""
    asked, negated = parameter, False
    if parameter.modifier == "missing" and parameter.value == "true":
        asked, negated = replace(parameter, value="false"), True
    elif (
        parameter.modifier == "not"
        and parameters(type_, scope.store.release)[parameter.name].definition.type == "token"
    ):
        asked, negated = replace(parameter, modifier=None), True
    found = merged(*(_own(scope, type_, replace(asked, name=code)) for code in united))
    return none_of(found) if negated else found


def _reference(scope: Scope, type_: str, parameter: Parameter, targets: tuple[str, ...]) -> Criterion:
    """Return the criterion of a reference; one that nothing refers to is met by no resource."""
    modifier = parameter.modifier
    if modifier is not None and modifier not in targets:
        raise kinds.unsupported(modifier)
    pointed = [
        name
        for value in alternatives(parameter.value)
        for name in kinds.reference(value, modifier, targets, scope.reading)
    ]
    at = scope.place(type_, parameter.name)
    known = {name: scope.store.target(name.type, name.id) for name in pointed}
    if at.base is None:
        return refers(at, [k for k in known.values() if k is not None])
    of_base = [k for name, k in known.items() if k is not None and name.type == at.only]
    others = [k for name, k in known.items() if k is not None and name.type != at.only]
    found = [refers(at.base, of_base)] if of_base or not others else []
    return merged(*found, *([refers(at, others)] if others else []))


def _id(type_: str, parameter: Parameter) -> Criterion:
    if parameter.modifier == "missing":
        return _never(absent=_boolean(parameter.value))
    if parameter.modifier is not None:
        raise kinds.unsupported(parameter.modifier)
    ids = tuple(unescape(value) for value in alternatives(parameter.value))
    condition = among("r.id", ids)
    return Criterion(
        condition, Sql("select r.k from resource r where r.type = ? and", (number(type_),)) + condition
    )


def _last_updated(scope: Scope, parameter: Parameter) -> Criterion:
    """Compare the milliseconds of the last update that the view shows, an interval of one millisecond."""
    if parameter.modifier == "missing":
        return _never(absent=_boolean(parameter.value))
    conditions = []
    for value in alternatives(parameter.value):
        on_value = kinds.date(value, parameter.modifier, scope.reading).condition
        at = seen_time(scope.store, scope.view)
        text = on_value.text.replace("v.low", at).replace("v.high", f"({at} + 1)")
        conditions.append(Sql(text, on_value.args))
    return Criterion(either(conditions))


def _never(*, absent: bool) -> Criterion:
    """Return the criterion that a resource lacks what every resource has, or has it."""
    return Criterion(FALSE if absent else TRUE)


def _boolean(value: str) -> bool:
    if value not in {"true", "false"}:
        raise FhirError(400, "invalid", "The modifier :missing takes true or false.")
    return value == "true"

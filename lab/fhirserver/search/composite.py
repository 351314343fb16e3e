"""From the value of a composite parameter, ``a$b``, to its criterion.

Spec: https://hl7.org/fhir/R4/search.html#composite
"""

import re
from collections.abc import Callable

from lab.fhir.request import Parameter
from lab.fhir.response import FhirError
from lab.fhirserver.search.criterion import Alternative, Criterion, all_of, any_of, merged, missing, none_of
from lab.fhirserver.search.kinds import READERS, Reading, unsupported
from lab.fhirserver.search.place import Place
from lab.fhirserver.search.values import alternatives, split, unescape
from lab.fhirserver.sql import Sql
from lab.fhirserver.storage.composites import Composite, Conjunction, Narrowing, Pairs
from lab.fhirserver.storage.references import target
from lab.fhirserver.storage.store import Store

Own = Callable[[str, str], Criterion]
"""From the code and the value of another parameter of the type to its criterion."""
Placed = Callable[[str], Place]
"""From the code of a parameter of the type to where its values stand."""

_FIRST = {"v.system": "json_extract(v.system, '$[0]')"}
_SECOND = {"v.system": "json_extract(v.system, '$[1]')", "v.code": "json_extract(v.system, '$[2]')"}
_COLUMN = re.compile(r"v\.(?:system|code)")


def composite(
    store: Store, parameter: Parameter, form: Composite, own: Own, placed: Placed, reading: Reading
) -> Criterion:
    """Return what a composite parameter asks for.

    Raises:
        FhirError: 400 when the value has not two parts, or one of them cannot be read.
    """
    values = alternatives(parameter.value)
    if isinstance(form, Conjunction):
        return merged(*(all_of(conjuncts(store, form, each, own, placed)) for each in values))
    if isinstance(form, Pairs):
        return any_of(store, placed(parameter.name), [_pair(form, each, reading) for each in values])
    return merged(*(own(part, parameter.value) for part in form.codes))


def conjuncts(store: Store, form: Conjunction, value: str, own: Own, placed: Placed) -> list[Criterion]:
    """Return the criteria that one value of a conjunction comes down to, all to be met."""
    asked = [own(code, part) for code, part in zip(form.codes, _parts(value), strict=True)]
    return asked + [_spared(store, narrowing, placed(narrowing.code)) for narrowing in form.narrowings]


def refuse_modifier(modifier: str | None) -> None:
    """Refuse any modifier: composite parameters take none.

    Raises:
        FhirError: 400 when there is one.
    """
    if modifier is not None:
        raise unsupported(modifier)


def _spared(store: Store, narrowing: Narrowing, at: Place) -> Criterion:
    if narrowing.only is None:
        return missing(at, absent=True)
    return none_of(any_of(store, at, [Alternative(Sql("v.code = ?", (narrowing.only,)))]))


def _pair(form: Pairs, value: str, reading: Reading) -> Alternative:
    """Read both parts on one row, whose code is that of the first part."""
    read = [
        _pointed(part, reading) if kind == "reference" else READERS[kind](part, None, reading)
        for kind, part in zip(form.kinds, _parts(value), strict=True)
    ]
    first, second = read
    condition = _moved(first.condition, _FIRST) + Sql("and") + _moved(second.condition, _SECOND)
    return Alternative(condition, drivable=first.drivable)


def _pointed(value: str, reading: Reading) -> Alternative:
    """Read a reference on a row that holds id and type as text."""
    text = unescape(value)
    pointed = target(text, reading.bases)
    if pointed is None:
        raise FhirError(400, "invalid", "A reference is written id, Type/id or as a URL.")
    if pointed.type or ":" in text:
        return Alternative(Sql("v.code = ? and v.system = ?", (pointed.id, pointed.type)))
    return Alternative(Sql("v.code = ? and v.system <> ''", (text,)))


def _moved(condition: Sql, columns: dict[str, str]) -> Sql:
    """Return a condition on other columns."""
    return Sql(_COLUMN.sub(lambda found: columns.get(found[0], found[0]), condition.text), condition.args)


def _parts(value: str) -> list[str]:
    parts = split(value, "$")
    if len(parts) != 2 or not all(parts):
        raise FhirError(400, "invalid", "A composite value has two parts, written a$b.")
    return parts

"""The resources that come along with the matches of a search; the view applies to each of them.

Spec: https://hl7.org/fhir/R4/search.html#include
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from lab.fhir.request import Parameter
from lab.fhir.response import FhirError
from lab.fhirserver.search.criterion import refers_among
from lab.fhirserver.search.kinds import unsupported
from lab.fhirserver.search.own import Scope, UnknownParameterError
from lab.fhirserver.search.place import Place
from lab.fhirserver.sql import Sql
from lab.fhirserver.storage.catalogue import parameters, served_types
from lab.fhirserver.storage.type_numbers import name as type_name
from lab.fhirserver.storage.type_numbers import number
from lab.fhirserver.visibility import visible
from lab.model.release import Release

MAX_ROUNDS = 4
MAX_INCLUDED = 5000


@dataclass(frozen=True)
class Include:
    """``_include=source:code:target``, or with ``reverse`` ``_revinclude``."""

    source: str
    code: str
    target: str
    reverse: bool
    iterate: bool


class Row(NamedTuple):
    """A resource to be served."""

    k: int
    type: str
    id: str
    body: bytes


def include(parameter: Parameter, release: Release) -> Include:
    """Read ``_include`` or ``_revinclude``, for a server of a release.

    Raises:
        UnknownParameterError: it names no reference parameter of this server.
        FhirError: 400 for a wildcard, which would bring what nobody asked for.
    """
    if "*" in parameter.value:
        raise FhirError(400, "not-supported", "Wildcards in _include and _revinclude are not supported.")
    if parameter.modifier not in {None, "iterate"}:
        raise unsupported(parameter.modifier)
    source, _, rest = parameter.value.partition(":")
    code, _, target = rest.partition(":")
    known = parameters(source, release).get(code) if source in served_types(release) else None
    if known is None or known.definition.type != "reference":
        raise UnknownParameterError(parameter.name)
    if target and target not in known.definition.targets:
        raise UnknownParameterError(parameter.name)
    return Include(source, code, target, parameter.name == "_revinclude", parameter.modifier == "iterate")


def included(scope: Scope, matches: list[Row], includes: tuple[Include, ...]) -> list[Row]:
    """Return the resources to add to the matches, none twice.

    Raises:
        FhirError: 400 when they are too many: cutting them off would lose data without saying so.
    """
    seen = {row.k for row in matches}
    found: list[Row] = []
    frontier = matches
    for turn in range(MAX_ROUNDS):
        added: list[Row] = []
        for each in includes:
            if turn == 0 or each.iterate:
                for row in _followed(scope, frontier, each):
                    if row.k not in seen:
                        seen.add(row.k)
                        added.append(row)
        found += added
        frontier = added
        if len(found) > MAX_INCLUDED:
            raise FhirError(400, "too-costly", "The search includes too many resources: lower _count.")
        if not added:
            break
    return found


def _followed(scope: Scope, frontier: list[Row], each: Include) -> Iterable[Row]:
    at = scope.place(each.source, each.code)
    only = each.target or at.only
    if not each.reverse:
        yield from _forward(scope, at, [row.k for row in frontier if row.type == each.source], only)
        return
    targets = parameters(each.source, scope.store.release)[each.code].definition.targets
    keys = [row.k for row in frontier if row.type in targets and only in {"", row.type}]
    if keys:
        referring = refers_among(at.base or at, _listed(keys))
        listed = referring.test if referring.keys is None else Sql("r.k in (") + referring.keys + Sql(")")
        yield from _visible_rows(scope, each.source, listed)


def _forward(scope: Scope, at: Place, keys: list[int], only: str) -> Iterable[Row]:
    if not keys:
        return
    pointed = Sql("r.k in (") + at.targets(Sql("r.k in (") + _listed(keys) + Sql(")")) + Sql(")")
    sql = Sql("select distinct r.type from resource r where") + pointed
    for type_ in sorted(type_name(n) for (n,) in scope.store.rows(sql.text, sql.args)):
        if only in {"", type_}:
            yield from _visible_rows(scope, type_, pointed)


def _visible_rows(scope: Scope, type_: str, condition: Sql) -> Iterable[Row]:
    query = (
        Sql(
            "select r.k, r.id, r.body from resource r where r.type = ? and r.deleted = 0 and",
            (number(type_),),
        )
        + condition
        + Sql("and")
        + visible(scope.store, scope.view, type_, scope.now)
        + Sql("order by r.k limit ?", (MAX_INCLUDED + 1,))
    )
    for k, id_, body in scope.store.rows(query.text, query.args):
        yield Row(k, type_, id_, scope.store.unpack(body))


def _listed(keys: list[int]) -> Sql:
    return Sql("select value from json_each(?)", (orjson.dumps(keys).decode(),))

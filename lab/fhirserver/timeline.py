"""The versions of many resources in one order, newest first, as the view shows them.

A version is shown when the view shows the resource as it is now, and would show what the version holds; a
deletion is shown with the version that it ended. Each write has a time of its own, a bulk load one for all:
so (time, ``k``) is a place that later writes do not move.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from lab.fhir.strict_json import exact
from lab.fhir.view import View
from lab.fhirserver.sql import FALSE, TRUE, Sql, among, both, either, joined
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.stored import Stored
from lab.fhirserver.storage.type_numbers import name as type_name
from lab.fhirserver.storage.type_numbers import number
from lab.fhirserver.visibility import holds, visible

_CURRENT = Sql(
    "select r.k as k, r.type, r.id, r.version, r.updated as updated, r.method, r.deleted, r.body "
    "from resource r where"
)
_PAST = Sql(
    "select h.k, r.type, r.id, h.version, h.updated, h.method,"
    " case when h.body is null then 1 else 0 end, h.body from"
)
_ENDED = (
    "coalesce((select n.updated from history n where n.k = h.k and n.version = h.version + 1), r.updated)"
)
_BEFORE = (
    "select body from history where k = ? and version < ? and body is not null order by version desc limit 1"
)


class Span(NamedTuple):
    """Versions made at ``since`` or later and current at some time in ``[begin, end)``, in milliseconds."""

    since: int
    begin: int
    end: int


Place = tuple[int, int]
"""The time and the ``k`` of a version."""


class Subject(NamedTuple):
    """Whose versions: all those of some types or, of one type, those of one id."""

    types: tuple[str, ...]
    id: str | None = None


def timeline(
    store: Store, view: View, subject: Subject, span: Span, after: Place | None, chunk: int
) -> Iterator[Stored]:
    """Yield the versions that come after a place; they are read in chunks, for most uses one is enough."""
    queries = _queries(store, view, subject, span)
    place = after or (span.end, 0)
    while queries:
        rows = [
            Stored(k, type_name(of), id_, version, at, method, deleted, body and store.unpack(body))
            for k, of, id_, version, at, method, deleted, body in _rows(store, queries, place, chunk)
        ]
        yield from (version for version in rows if _shown(store, view, version))
        if len(rows) < chunk:
            return
        place = rows[-1].updated, rows[-1].k


def _queries(store: Store, view: View, subject: Subject, span: Span) -> list[tuple[Sql, str]]:
    """Return selections, each with the name of the table whose rows are in the order of the timeline.

    Current versions are read type by type, for their index starts with the type.
    """
    now = store.now()
    seen = [(type_, visible(store, view, type_, now)) for type_ in subject.types]
    seen = [(type_, condition) for type_, condition in seen if condition != FALSE]
    if not seen:
        return []
    one = TRUE if subject.id is None else Sql("r.id = ?", (subject.id,))
    made = Sql("r.updated >= ?", (span.since,))
    current = [(_CURRENT + both((_is(type_), one, condition, made)), "r") for type_, condition in seen]
    # One resource has few versions; of many, those that are new are found without reading the others.
    tables = "history h cross join resource r" if subject.id is None else "resource r cross join history h"
    kept = Sql(f"{_ENDED} > ?", (span.begin,)) if span.begin > span.since else TRUE
    past = _PAST + Sql(f"{tables} where") + both((Sql("h.k = r.k"), _any(seen), one, _of_history(made), kept))
    return [*current, (past, "h")]


def _rows(store: Store, queries: list[tuple[Sql, str]], place: Place, limit: int) -> list[tuple[Any, ...]]:
    pages = [
        Sql("select * from (")
        + query
        + Sql("and")
        + part
        + Sql(f"order by {table}.updated desc, {table}.k desc limit ?) as page", (limit,))
        for query, table in queries
        for part in _parts(table, *place)
    ]
    whole = joined("union all", pages) + Sql("order by updated desc, k desc limit ?", (limit,))
    return store.rows(whole.text, whole.args)


def _parts(table: str, updated: int, k: int) -> list[Sql]:
    """Return the two parts of what comes after a place, each of which the index finds without a scan."""
    earlier = Sql(f"{table}.updated < ?", (updated,))
    return [earlier, Sql(f"{table}.updated = ? and {table}.k < ?", (updated, k))] if k else [earlier]


def _any(seen: Iterable[tuple[str, Sql]]) -> Sql:
    """Return the condition that a resource is of one of the types and meets the condition of that type."""
    types: dict[Sql, list[str]] = {}
    for type_, condition in seen:
        types.setdefault(condition, []).append(type_)
    return either(
        both((among("r.type", tuple(map(number, of))), condition)) for condition, of in types.items()
    )


def _is(type_: str) -> Sql:
    return Sql("r.type = ?", (number(type_),))


def _of_history(condition: Sql) -> Sql:
    return Sql(condition.text.replace("r.", "h."), condition.args)


def _shown(store: Store, view: View, version: Stored) -> bool:
    """Tell whether the view would show what a version holds; its resource is visible."""
    if view.cohort(version.type).whole:
        return True
    body = version.body
    if body is None:
        rows = store.rows(_BEFORE, (version.k, version.version))
        body = store.unpack(rows[0][0]) if rows else None
    return body is not None and holds(store, view, exact(body))

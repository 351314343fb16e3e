"""Find one page of resources that meet criteria, by the plan that reads the fewest rows.

*Follow*: an index of slots fixes what the criteria ask and holds the order. *Gather*: a criterion lists few
resources; test and sort those. *Walk*: otherwise read an index in the order asked for, test each resource,
and stop at the end of the page. *Rank*: no index holds the order; read the keys of all that is found, unless
it is too much. All give the same page: its cost depends neither on the size of the hospital nor on the depth
of the page.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from lab.fhir.response import FhirError
from lab.fhirserver.search.criterion import Criterion
from lab.fhirserver.search.following import follow
from lab.fhirserver.search.query import Found, Query
from lab.fhirserver.search.ranking import ranked
from lab.fhirserver.search.sorting import CREATION
from lab.fhirserver.search.walking import walks
from lab.fhirserver.sql import TRUE, Sql, both
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage_failure import is_too_deep

FEW = 1000
"""Up to how many candidates are gathered: sorting them costs about as much as walking a page."""
_ENOUGH = 50  # below, looking for a criterion with fewer candidates costs more than it saves

_MOST_ARGUMENTS = 30_000  # SQLite takes 32,766


@dataclass(frozen=True)
class _Source:
    """A query of the ``k`` of few resources, those that may meet some criteria."""

    keys: Sql
    exact: frozenset[Criterion]


def find(store: Store, query: Query, limit: int, after: Found | None = None) -> list[Found]:
    """Return at most ``limit`` resources, in order, those that come after a given place."""
    if query.impossible:
        return []
    if not query.walks:
        return ranked(store, query, candidates(store, query), limit, after)
    found: list[Found] = []
    for statement in statements(store, query, after):
        if len(found) < limit:
            rows = _run(store, statement + Sql("limit ?", (limit - len(found),)))
            found += [Found(k, id_, (key,), *body) for k, id_, key, *body in rows]
    return found


def count(store: Store, query: Query) -> int:
    """Return how many resources meet the criteria."""
    if query.impossible:
        return 0
    sql = Sql("select count(*) from resource r where") + (candidates(store, query) or query.met())
    return int(_run(store, sql)[0][0])


def statements(store: Store, query: Query, after: Found | None) -> list[Sql]:
    """Return the queries that give a page, one after another until it is full."""
    followed = follow(query)
    if followed and followed.whole:
        return followed.statements(after)
    ordered = next((c for c in query.criteria if c.walk is not None), None)
    if ordered and query.sort == CREATION and len(query.criteria) == 1:
        return [_walk_criterion(query, ordered, after)]
    found = candidates(store, query)
    if found is not None:
        return [_gather(query, found, after)]
    if followed:
        return followed.statements(after)
    if ordered and query.sort == CREATION:
        return [_walk_criterion(query, ordered, after)]
    return walks(query, after)


def candidates(store: Store, query: Query) -> Sql | None:
    """Return the condition on ``r`` that starts from the fewest candidates; None when there are many."""
    first: _Source | None = None
    fewest: list[int] = []
    for source in _sources(query):
        bound = len(fewest) if first else FEW
        limited = Sql("select * from (") + source.keys + Sql(") as found limit ?", (bound,))
        keys = _run(store, limited)
        if len(keys) < bound:
            first, fewest = source, [k for (k,) in keys]
        if first and len(fewest) < _ENOUGH:
            break
    if first is None:
        return None
    listed = Sql("r.k in (select value from json_each(?)) and", (orjson.dumps(fewest).decode(),))
    return listed + query.met(first.exact)


def _sources(query: Query) -> list[_Source]:
    """Return what lists candidates, an index of several slots first."""
    found = [
        _Source(c.keys, frozenset({c}) if c.exact else frozenset())
        for c in query.criteria
        if c.keys is not None
    ]
    followed = follow(query)
    if followed and len(followed.criteria) > 1:
        found.insert(0, _Source(followed.keys, followed.criteria))
    return found


def _run(store: Store, sql: Sql) -> list[tuple[Any, ...]]:
    if len(sql.args) > _MOST_ARGUMENTS:
        raise FhirError(400, "too-costly", "The search has too many values: ask in several searches.")
    try:
        return store.rows(sql.text, sql.args)
    except store.errors as error:
        if is_too_deep(error):
            message = "The search is nested too deeply: shorten its chains, or ask in several searches."
            raise FhirError(400, "too-costly", message) from None
        raise


def _gather(query: Query, found: Sql, after: Found | None) -> Sql:
    """Sort the candidates by key; those without one come last."""
    sort = query.sort
    # Candidates are read by number: no index of the type is faster.
    rows = (
        Sql("select r.k as k, r.id as id,")
        + sort.key()
        + Sql("as key from resource r not indexed where")
        + found
    )
    sql = Sql("select k, id, key from (") + rows + Sql(") as found")
    if after is not None and after.key is None:
        sql += Sql(f"where key is null and k {sort.beyond} ?", (after.k,))
    elif after is not None:
        sql += Sql(f"where (key, k) {sort.beyond} (?, ?) or key is null", (after.key, after.k))
    return sql + Sql(f"order by key is null, key {sort.direction}, k {sort.direction}")


def _walk_criterion(query: Query, criterion: Criterion, after: Found | None) -> Sql:
    """Read the rows of one value of the generic index, which come in the order of ``k``."""
    place = TRUE if after is None else Sql("v.k > ?", (after.k,))
    index = "value_target" if criterion.walk and "v.target" in criterion.walk.text else "value_code"
    return (
        Sql(f"select v.k, min(r.id), v.k from value v indexed by {index} cross join resource r where")
        + both((criterion.walk or TRUE, place, Sql("r.k = v.k"), query.met(frozenset({criterion}))))
        + Sql("group by v.k order by v.k")
    )

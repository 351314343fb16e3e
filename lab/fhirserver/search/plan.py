"""Find one page of resources that meet criteria, by the plan that reads the fewest rows.

*Gather*: when a criterion lists few resources, test and sort those. *Walk*: otherwise read an index in the
order asked for, test each resource, and stop at the end of the page. Both give the same page: the cost of a
page depends on neither the size of the hospital nor the depth of the page.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from lab.fhir.response import FhirError
from lab.fhirserver.search.criterion import Criterion
from lab.fhirserver.search.sorting import CREATION, Sort
from lab.fhirserver.sql import TRUE, Sql, both, probe
from lab.fhirserver.storage.store import Store

FEW = 1000
"""Up to how many candidates are gathered: sorting them costs about as much as walking a page."""
_ENOUGH = 50  # below, looking for a criterion with fewer candidates costs more than it saves

_MOST_ARGUMENTS = 30_000  # SQLite takes 32,766

Key = str | int | float | None


@dataclass(frozen=True)
class Query:
    """``criteria`` are all to be met; the view is one of them."""

    type: str
    criteria: tuple[Criterion, ...]
    sort: Sort = CREATION

    def met(self, but: Criterion | None = None) -> Sql:
        """Return the condition that the resource ``r`` is there and meets the criteria, one left out."""
        there = Sql("r.type = ? and r.deleted = 0", (self.type,))
        return both((there, *(c.test for c in self.criteria if c is not but)))


@dataclass(frozen=True, slots=True)
class Found:
    """One resource of a page; ``key`` is its place in the order."""

    k: int
    id: str
    key: Key


def find(store: Store, query: Query, limit: int, after: Found | None = None) -> list[Found]:
    """Return at most ``limit`` resources, in order, those that come after a given place."""
    found: list[Found] = []
    for statement in statements(store, query, after):
        if len(found) < limit:
            rows = _run(store, statement + Sql("limit ?", (limit - len(found),)))
            found += [Found(*row) for row in rows]
    return found


def count(store: Store, query: Query) -> int:
    """Return how many resources meet the criteria."""
    sql = Sql("select count(*) from resource r where") + (_candidates(store, query) or query.met())
    return int(_run(store, sql)[0][0])


def statements(store: Store, query: Query, after: Found | None) -> list[Sql]:
    """Return the queries that give a page, one after another until it is full."""
    ordered = next((c for c in query.criteria if c.walk is not None), None)
    if ordered and query.sort == CREATION and len(query.criteria) == 1:
        return [_walk_criterion(query, ordered, after)]
    candidates = _candidates(store, query)
    if candidates is not None:
        return [_gather(query, candidates, after)]
    if ordered and query.sort == CREATION:
        return [_walk_criterion(query, ordered, after)]
    if query.sort.param is None:
        return [_walk(query, after)]
    if after is not None and after.key is None:
        return [_walk_without(query, after)]
    return [_walk_values(query, after), _walk_without(query, None)]


def _candidates(store: Store, query: Query) -> Sql | None:
    """Return the condition on ``r`` that starts from the fewest candidates; None when there are many."""
    first: Criterion | None = None
    fewest: list[int] = []
    for criterion in query.criteria:
        if criterion.keys is None:
            continue
        bound = len(fewest) if first else FEW
        limited = Sql("select * from (") + criterion.keys + Sql(") limit ?", (bound,))
        keys = _run(store, limited)
        if len(keys) < bound:
            first, fewest = criterion, [k for (k,) in keys]
        if first and len(fewest) < _ENOUGH:
            break
    if first is None:
        return None
    listed = Sql("r.k in (select value from json_each(?)) and", (orjson.dumps(fewest).decode(),))
    return listed + query.met(but=first if first.exact else None)


def _run(store: Store, sql: Sql) -> list[tuple[Any, ...]]:
    if len(sql.args) > _MOST_ARGUMENTS:
        raise FhirError(400, "too-costly", "The search has too many values: ask in several searches.")
    return store.rows(sql.text, sql.args)


def _gather(query: Query, candidates: Sql, after: Found | None) -> Sql:
    """Sort the candidates by key; those without one come last."""
    sort = query.sort
    rows = Sql("select r.k as k, r.id as id,") + sort.key() + Sql("as key from resource r where") + candidates
    sql = Sql("select k, id, key from (") + rows + Sql(")")
    if after is not None and after.key is None:
        sql += Sql(f"where key is null and k {sort.beyond} ?", (after.k,))
    elif after is not None:
        sql += Sql(f"where (key, k) {sort.beyond} (?, ?) or key is null", (after.key, after.k))
    return sql + Sql(f"order by key is null, key {sort.direction}, k {sort.direction}")


def _walk(query: Query, after: Found | None) -> Sql:
    """Read the resources of the type in the order of a column of theirs."""
    column, index, unique = query.sort.column, query.sort.index, query.sort.unique
    place = TRUE
    if after is not None and unique:
        place = Sql(f"{column} {query.sort.beyond} ?", (after.key,))
    elif after is not None:
        place = Sql(f"({column}, r.k) {query.sort.beyond} (?, ?)", (after.key, after.k))
    return (
        Sql("select r.k, r.id,")
        + Sql(f"{column} from resource r indexed by {index} where")
        + both((query.met(), place))
        + query.sort.order(column, *(() if unique else ("r.k",)))
    )


def _walk_criterion(query: Query, criterion: Criterion, after: Found | None) -> Sql:
    """Read the rows of one value of the index, which come in the order of ``k``."""
    place = TRUE if after is None else Sql("v.k > ?", (after.k,))
    return (
        Sql("select v.k, r.id, v.k from value v indexed by value_code cross join resource r where")
        + both((criterion.walk or TRUE, place, Sql("r.k = v.k"), query.met(but=criterion)))
        + Sql("group by v.k order by v.k")
    )


def _walk_values(query: Query, after: Found | None) -> Sql:
    """Read the values of the sort parameter in order."""
    column, sort = query.sort.column, query.sort
    one = Sql("v.param = ? and", (sort.param,)) + sort.chosen()
    place = TRUE if after is None else Sql(f"({column}, v.k) {sort.beyond} (?, ?)", (after.key, after.k))
    return (
        Sql("select v.k, r.id,")
        + Sql(f"{column} from value v indexed by {sort.index} cross join resource r where")
        + both((one, place, Sql("r.k = v.k"), query.met()))
        + sort.order(column, "v.k")
    )


def _walk_without(query: Query, after: Found | None) -> Sql:
    """Read the resources without a value of the sort parameter."""
    sort = query.sort
    place = TRUE if after is None else Sql(f"r.k {sort.beyond} ?", (after.k,))
    none = Sql("not") + probe(sort.param, sort.chosen())
    return (
        Sql("select r.k, r.id, null from resource r indexed by resource_walk where")
        + both((query.met(), none, place))
        + sort.order("r.k")
    )

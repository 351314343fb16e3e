"""Find one page of resources that meet criteria, by the plan that reads the fewest rows.

*Gather*: when a criterion lists few resources, test and sort those. *Walk*: otherwise read the index in the
order asked for, test each resource, and stop at the end of the page. Both give the same page: the cost of a
page depends on neither the size of the hospital nor the depth of the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from lab.fhirserver.search.criterion import Criterion
from lab.fhirserver.search.sorting import Sort
from lab.fhirserver.sql import Sql, both
from lab.fhirserver.storage.store import Store

FEW = 1000
"""Up to how many candidates are gathered: sorting them costs about as much as walking a page."""
_ENOUGH = 50  # below, looking for a criterion with fewer candidates costs more than it saves

Key = str | int | float | None


@dataclass(frozen=True)
class Query:
    """``criteria`` are all to be met; the view is one of them."""

    type: str
    criteria: tuple[Criterion, ...]
    sort: Sort = Sort()


@dataclass(frozen=True, slots=True)
class Found:
    """One resource of a page; ``key`` is its place in the order."""

    k: int
    id: str
    key: Key


def find(store: Store, query: Query, limit: int, after: Found | None = None) -> list[Found]:
    """Return at most ``limit`` resources, in order, those that come after a given place."""
    return [Found(*row) for row in _rows(store, query, limit, after)]


def count(store: Store, query: Query) -> int:
    """Return how many resources meet the criteria."""
    gathered = _gathered(store, query)
    sql = Sql("select count(*) from resource r where") + (gathered or _there(query, query.criteria))
    return int(store.rows(sql.text, sql.args)[0][0])


def _rows(store: Store, query: Query, limit: int, after: Found | None) -> Sequence[tuple[int, str, Key]]:
    gathered = _gathered(store, query)
    if gathered is not None:
        statements = [gather(query, gathered, after)]
    elif query.sort.param is not None:
        statements = [] if after is not None and after.key is None else [walk_values(query, after)]
        statements.append(walk_missing(query, after if not statements else None))
    else:
        ordered = next((c for c in query.criteria if c.walk is not None), None)
        by_criterion = ordered is not None and query.sort == Sort()
        statements = [
            walk_criterion(query, ordered, after) if by_criterion and ordered else walk(query, after)
        ]
    rows: list[tuple[int, str, Key]] = []
    for statement in statements:
        if len(rows) < limit:
            rows += store.rows(f"{statement.text} limit ?", (*statement.args, limit - len(rows)))  # type: ignore[arg-type]
    return rows


def _gathered(store: Store, query: Query) -> Sql | None:
    """Return the condition on ``r`` that starts from the fewest candidates; None when there are many."""
    best: tuple[Criterion, list[int]] | None = None
    for criterion in query.criteria:
        if criterion.keys is None:
            continue
        bound = len(best[1]) if best else FEW
        keys = store.rows(f"select * from ({criterion.keys.text}) limit ?", (*criterion.keys.args, bound))
        if len(keys) < bound:
            best = criterion, [k for (k,) in keys]
        if best and len(best[1]) < _ENOUGH:
            break
    if best is None:
        return None
    first, keys_ = best
    others = tuple(c for c in query.criteria if c is not first or not c.exact)
    candidates = Sql("r.k in (select value from json_each(?)) and", (orjson.dumps(keys_).decode(),))
    return candidates + _there(query, others)


def gather(query: Query, gathered: Sql, after: Found | None) -> Sql:
    """Sort the candidates by key."""
    sort = query.sort
    rows = Sql("select r.k as k, r.id as id,") + sort.key() + Sql("as key from resource r where") + gathered
    sql = Sql("select k, id, key from (") + rows + Sql(")")
    if after is not None and after.key is None:
        sql += Sql(f"where key is null and k {sort.beyond} ?", (after.k,))
    elif after is not None:
        sql += Sql(f"where (key, k) {sort.beyond} (?, ?) or key is null", (after.key, after.k))
    return sql + Sql(f"order by key is null, key {sort.direction}, k {sort.direction}")


def walk(query: Query, after: Found | None) -> Sql:
    """Read the resources of the type in the order of a column of theirs."""
    sort = query.sort
    index = {"r.id": "resource_identity", "r.updated": "resource_updated"}.get(sort.column, "resource_walk")
    place = ()
    if after is not None:
        place = (Sql(f"({sort.column}, r.k) {sort.beyond} (?, ?)", (after.key, after.k)),)
        if sort.column != "r.updated":  # the others are unique
            place = (Sql(f"{sort.column} {sort.beyond} ?", (after.key,)),)
    order = f"order by {sort.column} {sort.direction}"
    if sort.column == "r.updated":
        order += f", r.k {sort.direction}"
    return (
        Sql(f"select r.k, r.id, {sort.column} from resource r indexed by {index} where")
        + _there(query, query.criteria, *place)
        + Sql(order)
    )


def walk_criterion(query: Query, criterion: Criterion, after: Found | None) -> Sql:
    """Read the rows of one value of the index, which come in the order of ``k``."""
    others = tuple(c for c in query.criteria if c is not criterion)
    place = (Sql("v.k > ?", (after.k,)),) if after is not None else ()
    return (
        Sql("select v.k, r.id, v.k from value v indexed by value_code cross join resource r where")
        + both((criterion.walk or Sql("1"), Sql("r.k = v.k"), *place, _there(query, others)))
        + Sql("group by v.k order by v.k")
    )


def walk_values(query: Query, after: Found | None) -> Sql:
    """Read the values of the sort parameter in order."""
    sort = query.sort
    index = "value_low" if sort.column == "v.low" else "value_code"
    one = Sql(f"v.param = ? and {sort.column} is not null and v.extreme & {sort.extreme}", (sort.param,))
    place = ()
    if after is not None:
        place = (Sql(f"({sort.column}, v.k) {sort.beyond} (?, ?)", (after.key, after.k)),)
    return (
        Sql(f"select v.k, r.id, {sort.column} from value v indexed by {index} cross join resource r where")
        + both((one, *place, Sql("r.k = v.k"), _there(query, query.criteria)))
        + Sql(f"order by {sort.column} {sort.direction}, v.k {sort.direction}")
    )


def walk_missing(query: Query, after: Found | None) -> Sql:
    """Read the resources without a value of the sort parameter: they come last."""
    sort = query.sort
    place = (Sql(f"r.k {sort.beyond} ?", (after.k,)),) if after is not None else ()
    none = Sql("not exists (select 1 from value v where v.k = r.k and v.param = ?", (sort.param,))
    none += Sql(f"and {sort.column} is not null)")
    return (
        Sql("select r.k, r.id, null from resource r indexed by resource_walk where")
        + _there(query, query.criteria, none, *place)
        + Sql(f"order by r.k {sort.direction}")
    )


def _there(query: Query, criteria: tuple[Criterion, ...], *more: Sql) -> Sql:
    """Return the condition that the resource ``r`` is there and meets the criteria."""
    there = Sql("r.type = ? and r.deleted = 0", (query.type,))
    return both((there, *(c.test for c in criteria), *more))

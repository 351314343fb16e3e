"""Find one page of resources that meet criteria, by the plan that reads the fewest rows.

*Follow*: an index of slots fixes what the criteria ask and holds the order. *Gather*: a criterion lists few
resources; test and sort those. *Walk*: otherwise read an index in the order asked for, test each resource,
and stop at the end of the page. *Rank*: no index holds the order; read the keys of all that is found, unless
it is too much. All give the same page: its cost depends neither on the size of the hospital nor on the depth
of the page.
"""

from dataclasses import dataclass, replace
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
_MOST_REFERRING = 20_000
"""The same where ``k`` is the order and a reference lists them: an index tells them all, a page tests few."""
_PAGE = 60
"""How many candidates, in order, a page is first looked for among."""
_ENOUGH = 50  # below, looking for a criterion with fewer candidates costs more than it saves

_MOST_ARGUMENTS = 30_000  # SQLite takes 32,766


@dataclass(frozen=True)
class _Source:
    """A query of the ``k`` of few resources, those that may meet some criteria.

    ``outline`` finds no fewer, and reads an index only: where it finds many, no row has to be read to know.
    From ``many`` on they are too many.
    """

    keys: Sql
    exact: frozenset[Criterion]
    many: int
    outline: Sql | None = None


@dataclass(frozen=True)
class _Few:
    """The ``k`` of all that may meet a query, and the criteria that they are known to meet."""

    keys: list[int]
    exact: frozenset[Criterion]

    def condition(self, query: Query) -> Sql:
        """Return the condition on ``r``."""
        listed = Sql("r.k in (select value from json_each(?)) and", (orjson.dumps(self.keys).decode(),))
        return listed + query.met(self.exact)


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
    few = _few(store, query)
    if few is not None:
        return _gathered(query, few, after)
    if followed:
        return followed.statements(after)
    if ordered and query.sort == CREATION:
        return [_walk_criterion(query, ordered, after)]
    return walks(query, after)


def candidates(store: Store, query: Query) -> Sql | None:
    """Return the condition on ``r`` that starts from the fewest candidates; None when there are many."""
    few = _few(store, query)
    return None if few is None else few.condition(query)


def _few(store: Store, query: Query) -> "_Few | None":
    """Return the fewest candidates that a criterion lists; None when all list many."""
    first: _Source | None = None
    fewest: list[int] = []
    for source in _sources(query):
        bound = min(len(fewest), source.many) if first else source.many
        if source.outline and len(_run(store, source.outline + Sql("limit ?", (bound,)))) == bound:
            continue
        limited = Sql("select * from (") + source.keys + Sql(") as found limit ?", (bound,))
        keys = _run(store, limited)
        if len(keys) < bound:
            first, fewest = source, [k for (k,) in keys]
        if first and len(fewest) < _ENOUGH:
            break
    return None if first is None else _Few(fewest, first.exact)


def _sources(query: Query) -> list[_Source]:
    """Return what lists candidates: what an index alone tells, an index of several slots, all else.

    What an index of several slots finds is part of what each of its criteria finds alone.
    """
    followed = follow(query)
    several = followed.criteria if followed and len(followed.criteria) > 1 else frozenset()
    left = [c for c in query.criteria if c.keys is not None and c not in several]
    left.sort(key=lambda criterion: not criterion.covered)
    found = [
        _Source(c.keys, frozenset({c}) if c.exact else frozenset(), _many(query, c)) for c in left if c.keys
    ]
    if followed and several:
        place = sum(criterion.covered for criterion in left)
        found.insert(place, _Source(followed.keys, several, FEW, followed.outline))
    return found


def _many(query: Query, criterion: Criterion) -> int:
    refers = criterion.asked is not None and criterion.asked.column.startswith("reference")
    return _MOST_REFERRING if refers and query.sort == CREATION else FEW


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


def _gathered(query: Query, few: _Few, after: Found | None) -> list[Sql]:
    """Return the statements that test and sort candidates: by ``k``, no more than a page needs."""
    if query.sort != CREATION:
        return [_gather(query, few.condition(query), after)]
    keys = sorted(k for k in set(few.keys) if after is None or k > after.k)
    parts = (keys[:_PAGE], keys[_PAGE:])
    return [_gather(query, replace(few, keys=part).condition(query), None) for part in parts if part]


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

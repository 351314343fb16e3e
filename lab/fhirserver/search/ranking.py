"""Rank what is found by keys that no index holds in order, several keys among them."""

from functools import cmp_to_key, partial

from lab.fhir.response import FhirError
from lab.fhirserver.search.query import Found, Query
from lab.fhirserver.sql import Sql, joined
from lab.fhirserver.storage.store import Store

MOST = 20_000
"""Up to how many resources are ranked: a few hundredths of a second."""


def ranked(
    store: Store, query: Query, candidates: Sql | None, limit: int, after: Found | None
) -> list[Found]:
    """Return at most ``limit`` resources after a place, in the order of all the keys; absent keys come last.

    Raises:
        FhirError: 400 when too many resources would have to be ranked.
    """
    keys = joined(",", (sort.key() for sort in query.sorts))
    sql = (
        Sql("select r.k, r.id,")
        + keys
        + Sql("from resource r where")
        + (candidates or query.met())
        + Sql("limit ?", (MOST + 1,))
    )
    rows = store.rows(sql.text, sql.args)
    if len(rows) > MOST:
        message = f"This order needs at most {MOST} matches: narrow the search."
        raise FhirError(400, "too-costly", message)
    found = [Found(k, id_, tuple(key)) for k, id_, *key in rows]
    if after is not None:
        found = [each for each in found if _compared(query, after, each) < 0]
    return sorted(found, key=cmp_to_key(partial(_compared, query)))[:limit]


def _compared(query: Query, one: Found, other: Found) -> int:
    """Return a negative number when one comes first, by the first key that differs, then by ``k``."""
    for sort, mine, theirs in zip(query.sorts, one.keys, other.keys, strict=True):
        if mine == theirs:
            continue
        if mine is None or theirs is None:
            return 1 if mine is None else -1
        before = bool(mine < theirs)
        return -1 if before is not sort.descending else 1
    return other.k - one.k if query.sort.descending else one.k - other.k

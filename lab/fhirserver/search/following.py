"""Follow an index of slots whose leading columns are fixed by the criteria and whose next one is the order.

A column may be fixed to one of several values: each is followed by a query of its own, and SQLite merges
what comes in the same order.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product, takewhile

from lab.fhirserver.search.criterion import Criterion
from lab.fhirserver.search.query import Found, Query
from lab.fhirserver.search.sorting import CREATION, Sort
from lab.fhirserver.sql import TRUE, Sql, both, joined
from lab.fhirserver.storage.hot import hot, index_name
from lab.fhirserver.storage.type_numbers import number

_MOST_WAYS = 8


@dataclass(frozen=True)
class Followed:
    """``statements`` give a page; ``keys`` lists those that meet the ``criteria`` that the index covers.

    ``whole`` tells that no other criterion is left, so that the page takes as many rows as it has.
    """

    query: Query
    ways: list["_Way"]
    criteria: frozenset[Criterion]

    @property
    def whole(self) -> bool:
        """Return that."""
        return self.criteria == frozenset(self.query.criteria)

    @property
    def keys(self) -> Sql:
        """Return that."""
        return joined("union all", (_keys(self.query, way) for way in self.ways))

    @property
    def outline(self) -> Sql:
        """Return a query of those and of a few others, by what the index alone tells."""
        return joined("union all", (_outline(self.query, way) for way in self.ways))

    def statements(self, after: Found | None) -> list[Sql]:
        """Return those that give a page, after a place."""
        return _statements(self.query, self.ways, self.criteria, after)


@dataclass(frozen=True)
class _Way:
    """What fixes the leading columns, what bounds the next one, and what that says of the column alone."""

    index: str
    fixed: Sql
    bounded: Sql
    outline: Sql


def follow(query: Query) -> Followed | None:
    """Return the best index to follow; None when there is none, or when it has another order."""
    order = _order(query.sort)
    if order is None:
        return None
    asked: dict[str, list[Criterion]] = {}
    for criterion in query.criteria:
        if criterion.asked:
            asked.setdefault(criterion.asked.column, []).append(criterion)
    fixed_columns = frozenset(column for column, found in asked.items() if _fixes(found[0]))
    columns = _best_index(hot(query.type).indexes, fixed_columns, order)
    if columns is None:
        return None
    leading = tuple(takewhile(fixed_columns.__contains__, columns))
    fixing = [asked[column][0] for column in leading]
    bounding = asked.get(columns[len(fixing)], []) if len(fixing) < len(columns) else []
    combinations = list(product(*(c.asked.ways for c in fixing if c.asked)))
    if len(combinations) > _MOST_WAYS:
        return None
    index = index_name(query.type, columns)
    bounds = both(c.asked.ways[0] for c in bounding if c.asked)
    outline = both(c.asked.outline for c in bounding if c.asked)
    ways = [_Way(index, both(fixed), bounds, outline) for fixed in combinations]
    return Followed(query, ways, frozenset((*fixing, *bounding)))


def _fixes(criterion: Criterion) -> bool:
    return criterion.asked is not None and criterion.asked.fixes


def _order(sort: Sort) -> str | None:
    """Return what must follow the fixed columns of an index, empty for nothing; None if no index has it."""
    if sort.place is None:
        return "" if sort == CREATION else None
    return "low" if sort.slot == "low" and not sort.place.spilled else None


@lru_cache(maxsize=1024)
def _best_index(
    indexes: tuple[tuple[str, ...], ...], fixed: frozenset[str], following: str
) -> tuple[str, ...] | None:
    """Return the index most of whose first columns are fixed, and that goes on with ``following``.

    That is a column or, empty, the end of the index: rows then come in the order of ``k``.
    """
    best, most = None, -1
    for columns in indexes:
        count = len(tuple(takewhile(fixed.__contains__, columns)))
        rest = columns[count] if count < len(columns) else ""
        if rest == following and (rest or count) and count > most:
            best, most = columns, count
    return best


def _keys(query: Query, way: _Way) -> Sql:
    read = Sql(f"select r.k from resource r indexed by {way.index} where")
    return read + both((query.there, way.fixed, way.bounded))


def _outline(query: Query, way: _Way) -> Sql:
    read = Sql(f"select 1 from resource r indexed by {way.index} where r.type = {number(query.type)} and")
    return read + both((way.fixed, way.outline))


def _statements(
    query: Query, ways: list[_Way], criteria: frozenset[Criterion], after: Found | None
) -> list[Sql]:
    rest = query.met(criteria)
    if query.sort == CREATION:
        place = TRUE if after is None else Sql("r.k > ?", (after.k,))
        return [
            _merged([_read(way, "r.k", both((way.fixed, place, rest))) for way in ways], Sql("order by k"))
        ]
    found = []
    beyond = query.sort.beyond
    if after is None or after.key is not None:
        place = Sql("r.low is not null")
        if after is not None:
            place = Sql(
                f"r.low {beyond}= ? and (r.low, r.k) {beyond} (?, ?)", (after.key, after.key, after.k)
            )
        dated = [_read(way, "r.low", both((way.fixed, way.bounded, place, rest))) for way in ways]
        found.append(_merged(dated, query.sort.order("key", "k")))
        after = None
    if all(way.bounded == TRUE for way in ways):
        place = (
            Sql("r.low is null") if after is None else Sql(f"r.low is null and r.k {beyond} ?", (after.k,))
        )
        undated = [_read(way, "null", both((way.fixed, place, rest))) for way in ways]
        found.append(_merged(undated, query.sort.order("k")))
    return found


def _read(way: _Way, key: str, condition: Sql) -> Sql:
    columns = f"r.k as k, r.id as id, {key} as key, r.body as body"
    return Sql(f"select {columns} from resource r indexed by {way.index} where") + condition


def _merged(reads: list[Sql], order: Sql) -> Sql:
    return joined("union all", reads) + order

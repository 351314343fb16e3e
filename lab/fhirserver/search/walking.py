"""Walk an index in the order asked for, testing each resource, when too many could meet the criteria."""

from lab.fhirserver.search.query import Found, Query
from lab.fhirserver.sql import TRUE, Sql, both, joined, probe
from lab.fhirserver.storage.hot import hot, index_name


def walks(query: Query, after: Found | None) -> list[Sql]:
    """Return the statements: resources with a key in its order, then those without."""
    if query.sort.place is None:
        return _by_column(query, after)
    if after is not None and after.key is None:
        return [_without_key(query, after)]
    return [_by_key(query, after), _without_key(query, None)]


def _by_column(query: Query, after: Found | None) -> list[Sql]:
    """Read the resources of the type in the order of a column of theirs.

    After a bulk load all have the same time: what is left of those alike is read by ``k``.
    """
    sort, column = query.sort, query.sort.column
    if after is None:
        places = [TRUE]
    elif sort.unique:
        places = [Sql(f"{column} {sort.beyond} ?", (after.key,))]
    else:
        alike = Sql(f"{column} = ? and r.k {sort.beyond} ?", (after.key, after.k))
        places = [alike, Sql(f"{column} {sort.beyond} ?", (after.key,))]
    return [
        Sql(f"select r.k, r.id, {column} from resource r indexed by {sort.index} where")
        + both((query.met(), place))
        + sort.order(column, *(() if sort.unique else ("r.k",)))
        for place in places
    ]


def _by_key(query: Query, after: Found | None) -> Sql:
    """Read the values of the sort parameter in order: those of slots, those of the generic index, merged."""
    sort = query.sort
    reads = []
    if sort.place and sort.slot:
        index = index_name(query.type, next(c for c in hot(query.type).indexes if c[0] == sort.slot))
        reads.append(
            Sql(f"select r.k as k, r.id as id, r.{sort.slot} as key from resource r indexed by {index} where")
            + Sql(f"r.{sort.slot} is not null and")
            + both((query.met(), _beyond(query, f"r.{sort.slot}", "r.k", after)))
        )
    if sort.place and (sort.place.spilled or not sort.slot):
        index = "value_code" if sort.generic == "v.code" else "value_low"
        one = Sql("v.param = ? and", (sort.place.param,)) + sort.chosen()
        reads.append(
            Sql(f"select v.k as k, r.id as id, {sort.generic} as key")
            + Sql(f"from value v indexed by {index} cross join resource r where")
            + both((one, _beyond(query, sort.generic, "v.k", after), Sql("r.k = v.k"), query.met()))
        )
    if len(reads) == 1:
        columns = (f"r.{sort.slot}", "r.k") if "indexed by hot_" in reads[0].text else (sort.generic, "v.k")
        return reads[0] + sort.order(*columns)
    return joined("union all", reads) + sort.order("key", "k")


def _beyond(query: Query, key: str, k: str, after: Found | None) -> Sql:
    if after is None:
        return TRUE
    return Sql(f"({key}, {k}) {query.sort.beyond} (?, ?)", (after.key, after.k))


def _without_key(query: Query, after: Found | None) -> Sql:
    """Read the resources without a value of the sort parameter."""
    sort = query.sort
    place = TRUE if after is None else Sql(f"r.k {sort.beyond} ?", (after.k,))
    none = [Sql("not") + probe(sort.place.param if sort.place else None, sort.chosen())]
    if sort.slot:
        none.append(Sql(f"r.{sort.slot} is null"))
    return (
        Sql("select r.k, r.id, null from resource r indexed by resource_walk where")
        + both((query.met(), *none, place))
        + sort.order("r.k")
    )

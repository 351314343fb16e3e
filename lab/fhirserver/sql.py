"""A piece of SQL with its arguments, so that no value is ever written into a statement."""

from collections.abc import Iterable
from typing import Any, NamedTuple


class Sql(NamedTuple):
    """``text`` with one ``?`` per item of ``args``."""

    text: str
    args: tuple[Any, ...] = ()

    def __add__(self, other: "Sql") -> "Sql":  # type: ignore[override]
        """Write one piece after another, a space between them."""
        return Sql(f"{self.text} {other.text}", self.args + other.args)


TRUE = Sql("true")
FALSE = Sql("false")


def joined(separator: str, pieces: Iterable[Sql]) -> Sql:
    """Return pieces one after another, a separator between them."""
    listed = tuple(pieces)
    return Sql(f" {separator} ".join(p.text for p in listed), tuple(a for p in listed for a in p.args))


def among(column: str, values: tuple[Any, ...]) -> Sql:
    """Return the condition that a column holds one of the values."""
    return Sql(f"{column} in ({', '.join('?' * len(values))})", values)


def both(conditions: Iterable[Sql]) -> Sql:
    """Return the conjunction of conditions, each of which is one operand of ``and``."""
    kept = [condition for condition in conditions if condition != TRUE]
    return joined("and", kept) if kept else TRUE


def either(conditions: Iterable[Sql]) -> Sql:
    """Return the disjunction of conditions, as one operand."""
    listed = tuple(conditions)
    if len(listed) == 1:
        return listed[0]
    return Sql("(") + joined("or", (Sql("(") + c + Sql(")") for c in listed)) + Sql(")") if listed else FALSE


def probe(param: int | None, condition: Sql = TRUE) -> Sql:
    """Return the condition that the resource ``r`` has a value ``v`` of a parameter that meets a condition.

    The value is looked up by the primary key: left to itself, SQLite may prefer to read those of all
    resources.
    """
    by_key = Sql(
        "exists (select 1 from value v indexed by sqlite_autoindex_value_1 where v.k = r.k and v.param = ?",
        (param,),
    )
    return (by_key + Sql("and") + condition + Sql(")")) if condition != TRUE else by_key + Sql(")")

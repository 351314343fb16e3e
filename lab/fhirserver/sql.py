"""A piece of SQL with its arguments, so that no value is ever written into a statement."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sql:
    """``text`` with one ``?`` per item of ``args``."""

    text: str
    args: tuple[Any, ...] = ()

    def __add__(self, other: "Sql") -> "Sql":
        """Write one piece after another, a space between them."""
        return Sql(f"{self.text} {other.text}", self.args + other.args)


TRUE = Sql("1")
FALSE = Sql("0")


def marks(values: tuple[Any, ...]) -> str:
    """Return one ``?`` per value, separated by commas."""
    return ", ".join("?" * len(values))


def both(conditions: tuple[Sql, ...]) -> Sql:
    """Return the conjunction of conditions."""
    kept = [condition for condition in conditions if condition != TRUE]
    if not kept:
        return TRUE
    return Sql(" and ".join(c.text for c in kept), tuple(a for c in kept for a in c.args))


def either(conditions: tuple[Sql, ...]) -> Sql:
    """Return the disjunction of conditions."""
    if not conditions:
        return FALSE
    if len(conditions) == 1:
        return conditions[0]
    text = " or ".join(f"({c.text})" for c in conditions)
    return Sql(f"({text})", tuple(a for c in conditions for a in c.args))

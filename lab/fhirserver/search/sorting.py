"""The order of a search, by one key; ``k`` breaks ties, so that a page can start where another ended.

Spec: https://hl7.org/fhir/R4/search.html#sort
"""

from dataclasses import dataclass

from lab.fhir.response import FhirError
from lab.fhirserver.sql import Sql
from lab.fhirserver.storage.catalogue import parameters
from lab.fhirserver.storage.store import Store

_NUMERIC = frozenset({"date", "number", "quantity"})


@dataclass(frozen=True)
class Sort:
    """An order by ``column``, of the resource ``r`` or of the value ``v`` of the parameter ``param``.

    ``index`` holds it in order; ``unique`` tells that no two resources have the same key.
    """

    column: str
    index: str
    param: int | None = None
    unique: bool = False
    descending: bool = False

    @property
    def direction(self) -> str:
        """Return the SQL word."""
        return "desc" if self.descending else "asc"

    @property
    def beyond(self) -> str:
        """Return the comparison that what follows in this order meets."""
        return "<" if self.descending else ">"

    def order(self, *columns: str) -> Sql:
        """Return the clause that sorts by columns, all in the direction asked for."""
        return Sql("order by " + ", ".join(f"{column} {self.direction}" for column in columns))

    def chosen(self) -> Sql:
        """Return the condition on ``v`` of the value of a resource that counts: its first, or its last."""
        return Sql(f"{self.column} is not null and v.extreme & {2 if self.descending else 1}")

    def key(self) -> Sql:
        """Return the key as an expression on the row ``r``; null for a resource without a value."""
        if self.param is None:
            return Sql(self.column)
        by_key = Sql(
            "from value v indexed by sqlite_autoindex_value_1 where v.k = r.k and v.param = ?", (self.param,)
        )
        return Sql("(select") + Sql(self.column) + by_key + Sql("and") + self.chosen() + Sql(")")


CREATION = Sort("r.k", "resource_walk", unique=True)
"""The order of those who ask for none."""


def sort(store: Store, type_: str, value: str) -> Sort:
    """Read ``_sort``.

    Raises:
        FhirError: 400 when it names several keys, or one that this server cannot sort on.
    """
    if "," in value:
        raise FhirError(400, "not-supported", "This server sorts on one key.")
    code, descending = value.removeprefix("-"), value.startswith("-")
    match code:
        case "_id":
            return Sort("r.id", "resource_identity", unique=True, descending=descending)
        case "_lastUpdated":
            return Sort("r.updated", "resource_updated", descending=descending)
    known = parameters(type_).get(code)
    if known is None:
        raise FhirError(400, "not-supported", "This server cannot sort on that parameter.")
    column, index = ("v.low", "value_low") if known.definition.type in _NUMERIC else ("v.code", "value_code")
    return Sort(column, index, store.parameters[type_, code], descending=descending)

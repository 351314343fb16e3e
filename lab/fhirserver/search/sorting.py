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
    """``column`` of the row ``r`` to sort on, or of the row ``v`` of parameter ``param`` of the index.

    Without a request for an order, resources come in the order of their creation.
    """

    column: str = "r.k"
    param: int | None = None
    descending: bool = False

    @property
    def direction(self) -> str:
        """Return the SQL word."""
        return "desc" if self.descending else "asc"

    @property
    def beyond(self) -> str:
        """Return the comparison that what follows in this order meets."""
        return "<" if self.descending else ">"

    @property
    def extreme(self) -> int:
        """Return the bit of the value, among several of one resource, that the order is based on."""
        return 2 if self.descending else 1

    def key(self) -> Sql:
        """Return the key as an expression on the row ``r``; null for a resource without a value."""
        if self.param is None:
            return Sql(self.column)
        return Sql(
            f"(select {self.column} from value v where v.k = r.k and v.param = ? and v.extreme & {self.extreme})",
            (self.param,),
        )


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
            return Sort("r.id", descending=descending)
        case "_lastUpdated":
            return Sort("r.updated", descending=descending)
    known = parameters(type_).get(code)
    if known is None:
        raise FhirError(400, "not-supported", "This server cannot sort on that parameter.")
    column = "v.low" if known.definition.type in _NUMERIC else "v.code"
    return Sort(column, store.parameters[type_, code], descending)

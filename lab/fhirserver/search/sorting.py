"""The order of a search, by one key or several; ``k`` breaks ties, so that a page starts where one ended.

Who asks for no order gets the one that an index has: newest first where searches by date are hot, otherwise
the order of creation.

Spec: https://hl7.org/fhir/R4/search.html#sort
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lab.fhir.request import Parameter
from lab.fhir.response import FhirError
from lab.fhir.view import View
from lab.fhirserver.search.place import Place, place
from lab.fhirserver.search.seen_time import seen_time
from lab.fhirserver.sql import Sql
from lab.fhirserver.storage.catalogue import parameters
from lab.fhirserver.storage.composites import Conjunction
from lab.fhirserver.storage.derivation import narrowed, parts
from lab.fhirserver.storage.hot import hot
from lab.fhirserver.storage.slots import slots
from lab.fhirserver.storage.store import Store
from lab.model.release import Release

_NUMERIC = frozenset({"date", "number", "quantity"})
_NO_ORDER = frozenset({"composite", "special", "reference"})
_MOST_KEYS = 4


@dataclass(frozen=True)
class Sort:
    """An order by a ``column`` of the resource ``r``, which may have an ``index``, or by a ``place``.

    ``kind`` is the type of that parameter; ``unique`` tells that no two resources have the same key.
    """

    column: str = ""
    index: str = ""
    place: Place | None = None
    kind: str = ""
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

    @property
    def walks(self) -> bool:
        """Tell whether an index holds this order."""
        if self.place is None:
            return bool(self.index)
        if self.place.slot.startswith("token"):
            return False  # sets of tokens are numbered as they come
        return not self.place.slot or any(columns[0] == self.slot for columns in hot(self.place.type).indexes)

    @property
    def slot(self) -> str:
        """Return the column of the resource row that holds the key, if it has one."""
        return self.place.columns[0] if self.place and self.place.slot else ""

    @property
    def generic(self) -> str:
        """Return the column of the generic index that holds the key."""
        return "v.low" if self.kind in _NUMERIC else "v.code"

    def order(self, *columns: str) -> Sql:
        """Return the clause that sorts by columns, all in the direction asked for."""
        return Sql("order by " + ", ".join(f"{column} {self.direction}" for column in columns))

    def chosen(self) -> Sql:
        """Return the condition on ``v`` of the value of a resource that counts: its first, or its last."""
        return Sql(f"{self.generic} is not null and (v.extreme & {2 if self.descending else 1}) <> 0")

    def key(self) -> Sql:
        """Return the key as an expression on the row ``r``; null for a resource without a value."""
        if self.place is None:
            return Sql(self.column)
        by_key = Sql(
            "from value v indexed by sqlite_autoindex_value_1 where v.k = r.k and v.param = ?",
            (self.place.param,),
        )
        generic = Sql("(select") + Sql(self.generic) + by_key + Sql("and") + self.chosen() + Sql("limit 1)")
        if not self.place.slot:
            return generic
        held = f"r.{self.slot}"
        if self.place.slot.startswith("token"):
            first = "max" if self.descending else "min"
            held = f"(select {first}(nullif(v.code, '')) from token v where v.n = {held})"
        return Sql(f"coalesce({held},") + generic + Sql(")")


CREATION = Sort("r.k", "resource_walk", unique=True)
"""The order of the numbers that resources get."""


def sorts(store: Store, view: View, type_: str, value: str) -> tuple[Sort, ...]:
    """Read ``_sort``.

    Raises:
        FhirError: 400 when it names too many keys, or one that this server cannot sort on.
    """
    keys = value.split(",")
    if len(keys) > _MOST_KEYS:
        raise FhirError(400, "too-costly", f"This server sorts on {_MOST_KEYS} keys at most.")
    return tuple(_sort(store, view, type_, key) for key in keys)


def _sort(store: Store, view: View, type_: str, key: str) -> Sort:
    code, descending = key.removeprefix("-"), key.startswith("-")
    match code:
        case "_id":
            return Sort("r.id", "resource_identity", unique=True, descending=descending)
        case "_lastUpdated":
            index = "" if view.masks else "resource_updated"
            return Sort(seen_time(store, view), index, descending=descending)
    known = parameters(type_, store.release).get(code)
    united = parts(type_, code, store.release) if known is not None else ()
    if known is None or known.definition.type in _NO_ORDER or len(united) > 1:
        raise FhirError(400, "not-supported", "This server cannot sort on that parameter.")
    at = place(store, type_, united[0] if united else code)
    return Sort(place=at, kind=known.definition.type, descending=descending)


def natural(store: Store, view: View, type_: str, asked: Iterable[Parameter]) -> Sort:
    """Return the order for a search that asks for none; it depends on what is asked, never on the data.

    Where the date is masked, newest first would tell of it.
    """
    names = frozenset((p.name, p.modifier) for p in asked)
    order = store.memo(("natural", type_, names), lambda: _natural(store, type_, names))
    return CREATION if order.place is not None and _hides_date(view, type_, store.release) else order


def _hides_date(view: View, type_: str, release: Release) -> bool:
    """Tell whether the date that resources of a type are ordered by is masked."""
    known = parameters(type_, release)
    dated = next(code for code, slot in slots(type_, release).items() if slot == "date")
    return any(
        mask.overlaps(type_, path) for mask in view.masks_of(type_) for path in known[dated].definition.paths
    )


def _natural(store: Store, type_: str, asked: Iterable[tuple[str, str | None]]) -> Sort:
    known = parameters(type_, store.release)
    held = slots(type_, store.release)
    plain = {
        name
        for name, modifier in asked
        if name in known and (modifier is None or modifier in known[name].definition.targets)
    }
    for code in tuple(plain):
        if isinstance(form := known[code].composite, Conjunction):
            plain.update(form.codes)
    fixed = set()
    for code in plain:
        base = narrowed(type_, code, store.release)
        fixed.add(held.get(base[0] if base else code, ""))
    dated = next((code for code, slot in held.items() if slot == "date"), None)
    for columns in hot(type_).indexes if dated else ():
        leading = set(columns[:-1])
        if columns[-1] == "low" and leading <= fixed and (leading or "date" in fixed):
            return Sort(place=place(store, type_, dated or ""), kind="date", descending=True)
    return CREATION

"""Where the values of a search parameter stand: in a slot of the resource row, in the generic index, or both.

See ``storage/schema.py``. Nothing else of the search knows which parameters are hot.
"""

from dataclasses import dataclass

from lab.fhirserver.sql import FALSE, Sql, both, joined, probe
from lab.fhirserver.storage.derivation import narrowed
from lab.fhirserver.storage.hot import COLUMNS, hot, index_name
from lab.fhirserver.storage.slots import slots
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.type_numbers import number


@dataclass(frozen=True)
class Place:
    """``param`` numbers the parameter in the generic index; ``slot`` is empty when it has none.

    ``spilled`` tells whether the generic index has values of it at all. ``base`` is the place of the
    parameter that this one narrows, to references to ``only``.
    """

    type: str
    param: int
    slot: str = ""
    spilled: bool = True
    base: "Place | None" = None
    only: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of the slot."""
        return COLUMNS.get(self.slot, (self.slot,))

    def in_slot(self, condition: Sql) -> Sql:
        """Return the condition that the values in the slot meet one on ``v``."""
        match self.columns:
            case ("low", "high"):
                return Sql(
                    condition.text.replace("v.low", "r.low").replace("v.high", "r.high"), condition.args
                )
            case ("number", "unit"):
                text = condition.text.replace("v.low", "r.number").replace("v.high", "r.number")
                if "v." not in text:
                    return Sql(text, condition.args)
                unit = f"exists (select 1 from token v where v.n = r.unit and {text})"
                return Sql(f"r.number is not null and {unit}", condition.args)
        return Sql(f"r.{self.slot} in (select v.n from token v where {condition.text})", condition.args)

    def has_value(self) -> Sql:
        """Return the condition that the resource ``r`` has a value of the parameter."""
        found = [probe(self.param)]
        if self.slot:
            found.insert(0, Sql(f"r.{self.columns[0]} is not null"))
        if self.base is not None:
            of_type = "exists (select 1 from resource t where t.k = {0} and t.type = ?)"
            there = "exists (select 1 from absent t where t.k = {0} and t.type = ?)"
            either_ = f"({of_type} or {there})"
            args = (number(self.only), self.only)
            if self.base.slot:
                found.append(Sql(either_.format(f"r.{self.base.slot}"), args))
            found.append(probe(self.base.param, Sql(either_.format("v.target"), args)))
        return Sql("(") + joined("or", found) + Sql(")")

    def rows(self) -> Sql:
        """Return the table and the first conditions that read ``r`` by the first column of the slot."""
        index = next(
            index_name(self.type, columns)
            for columns in hot(self.type).indexes
            if columns[0] == self.columns[0]
        )
        return Sql(f"resource r indexed by {index} where r.type = {number(self.type)} and")

    @property
    def has_index(self) -> bool:
        """Tell whether the slot is the first column of an index."""
        return any(columns[0] == self.columns[0] for columns in hot(self.type).indexes)

    def targets(self, sources: Sql) -> Sql:
        """Return a query of the ``k`` to which resources ``r`` that meet a condition refer."""
        place = self.base or self
        found = []
        if place.slot:
            found.append(
                Sql(f"select r.{place.slot} from resource r where")
                + both((Sql(f"r.{place.slot} is not null"), sources))
            )
        spilled = {each.param: each.spilled for each in (place, self)}
        found += [
            Sql("select v.target from resource r cross join value v where")
            + sources
            + Sql("and v.k = r.k and v.param = ? and v.target is not null", (param,))
            for param in spilled
            if spilled[param]
        ]
        return joined("union all", found) if found else Sql("select 0 where") + FALSE


def place(store: Store, type_: str, code: str) -> Place:
    """Return where the values of a parameter stand."""
    return store.memo(("place", type_, code), lambda: _place(store, type_, code))


def _place(store: Store, type_: str, code: str) -> Place:
    param = store.parameters[type_, code]
    slot = slots(type_, store.release).get(code, "")
    narrows = None if code.endswith(":identifier") else narrowed(type_, code, store.release)
    base = place(store, type_, narrows[0]) if narrows else None
    return Place(type_, param, slot, _spilled(store, param), base, narrows[1] if narrows else "")


def _spilled(store: Store, param: int) -> bool:
    sql = (
        "select 1 where"
        " exists (select 1 from value indexed by value_code where param = ? and code is not null)"
        " or exists (select 1 from value indexed by value_target where param = ? and target is not null)"
        " or exists (select 1 from value indexed by value_low where param = ? and low is not null)"
    )
    return bool(store.remembered(sql, (param, param, param)))

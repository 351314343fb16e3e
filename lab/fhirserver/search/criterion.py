"""One condition of a search, in the forms that a plan chooses from.

``test`` holds on the row ``r`` of a resource. ``keys`` lists the ``k`` of the resources that may meet it, for
plans that start from there; ``exact`` tells that it lists no others (of that type, not deleted), ``covered``
that an index alone gives them, so that they are counted at little cost. ``walk`` is a condition on the row
``v`` of the generic index under which rows come in the order of ``k``. ``asked`` is the same condition on a
slot, for indexes of several slots.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.fhirserver.search.place import Place
from lab.fhirserver.sql import FALSE, TRUE, Sql, among, both, either, joined, probe
from lab.fhirserver.storage.hot import WIDEST
from lab.fhirserver.storage.store import Store

_MOST_SETS = 8
"""Up to how many sets of tokens are looked up one by one; a condition on more is tested, not followed."""


@dataclass(frozen=True)
class Asked:
    """A condition on the column of a slot that says all of a criterion.

    ``ways`` are alternatives, each of which fixes the column, or a single one that bounds it. ``outline`` is
    what a bound says of the column alone, which an index tells without the row.
    """

    column: str
    ways: tuple[Sql, ...]
    fixes: bool = True
    outline: Sql = TRUE


@dataclass(frozen=True)
class Criterion:
    """See the module."""

    test: Sql
    keys: Sql | None = None
    exact: bool = True
    covered: bool = False
    walk: Sql | None = None
    asked: Asked | None = None


NOBODY = Criterion(FALSE, Sql("select 0 where false"))
"""What no resource meets."""


@dataclass(frozen=True)
class Alternative:
    """A condition on the row ``v`` of one parameter of the generic index.

    ``drivable`` when the index finds its rows without reading others; ``ordered`` when these come by ``k``.
    ``start`` bounds the beginning of a date that can meet it: at least, and below.
    """

    condition: Sql
    drivable: bool = True
    ordered: bool = False
    start: tuple[float | None, float | None] | None = None


def any_of(store: Store, place: Place, alternatives: list[Alternative]) -> Criterion:
    """Return the criterion that a resource has a value of the parameter that meets one alternative."""
    if not place.slot:
        return _generic(place.param, alternatives)
    if place.slot.startswith("token"):
        held = _tokens(store, place, alternatives)
    elif place.slot == "date":
        held = _date(place, alternatives)
    else:
        held = Criterion(either(place.in_slot(each.condition) for each in alternatives))
    return merged(held, _generic(place.param, alternatives)) if place.spilled else held


def refers(place: Place, targets: Sequence[int]) -> Criterion:
    """Return the criterion that a resource refers to one of the targets, given by ``k``."""
    codes = tuple(targets)
    if not codes:
        return NOBODY
    equal = Sql("v.target = ?", codes) if len(codes) == 1 else among("v.target", codes)
    alternatives = [Alternative(equal, ordered=len(codes) == 1)]
    if not place.slot:
        return _generic(place.param, alternatives)
    ways = tuple(Sql(f"r.{place.slot} = ?", (k,)) for k in codes)
    held = _held(place, among(f"r.{place.slot}", codes) if len(codes) != 1 else ways[0], ways)
    return merged(held, _generic(place.param, alternatives)) if place.spilled else held


def refers_among(place: Place, targets: Sql) -> Criterion:
    """Return the criterion that a resource refers to what a query of ``k`` lists."""
    inside = Sql("in (") + targets + Sql(")")
    # Left to itself, SQLite reads every reference and looks whether it is in the list.
    listed = Sql("from (select 0 as k where false union all") + targets + Sql(") t cross join")
    generic = Criterion(
        probe(place.param, Sql("v.target") + inside),
        Sql("select v.k")
        + listed
        + Sql("value v indexed by value_target where v.param = ? and v.target = t.k", (place.param,)),
    )
    if not place.slot:
        return generic
    held = Criterion(
        Sql(f"r.{place.slot}") + inside,
        Sql("select r.k") + listed + place.rows() + Sql(f"r.{place.slot} = t.k"),
    )
    return merged(held, generic) if place.spilled else held


def merged(*criteria: Criterion) -> Criterion:
    """Return the criterion that a resource meets one of several."""
    if len(criteria) == 1:
        return criteria[0]
    keys = [each.keys for each in criteria]
    listed = joined("union all", (k for k in keys if k is not None)) if all(keys) else None
    return Criterion(either(each.test for each in criteria), listed, all(each.exact for each in criteria))


def all_of(criteria: Sequence[Criterion]) -> Criterion:
    """Return the criterion that a resource meets all of several."""
    if len(criteria) == 1:
        return criteria[0]
    keys = next((each.keys for each in criteria if each.keys is not None), None)
    return Criterion(both(each.test for each in criteria), keys, exact=False)


def none_of(criterion: Criterion) -> Criterion:
    """Return the criterion that a resource does not meet another."""
    return Criterion(Sql("(") + criterion.test + Sql(") is not true"))  # nor unknown, of an empty slot


def missing(place: Place, *, absent: bool) -> Criterion:
    """Return the criterion that a resource has no value of the parameter, or has one."""
    there = place.has_value()
    return Criterion(Sql("not") + there) if absent else Criterion(there)


def _generic(param: int, alternatives: list[Alternative]) -> Criterion:
    one = Sql("v.param = ? and", (param,))
    met = either(a.condition for a in alternatives)
    keys = None
    if alternatives and all(a.drivable for a in alternatives):
        selects = (Sql("select v.k from value v where") + one + a.condition for a in alternatives)
        keys = joined("union all", selects)
    ordered = len(alternatives) == 1 and alternatives[0].ordered
    return Criterion(probe(param, met), keys, walk=one + met if ordered else None)


def _tokens(store: Store, place: Place, alternatives: list[Alternative]) -> Criterion:
    """Look up the sets of tokens that meet a condition: the hospital has few of them."""
    met = Sql("select distinct v.n from token v where") + either(a.condition for a in alternatives)
    sets = [n for (n,) in store.remembered(met.text, met.args)]
    if not sets:
        return NOBODY
    if len(sets) > _MOST_SETS:
        return Criterion(Sql(f"r.{place.slot} in (") + met + Sql(")"))
    ways = tuple(Sql(f"r.{place.slot} = ?", (n,)) for n in sets)
    return _held(place, among(f"r.{place.slot}", tuple(sets)) if len(sets) > 1 else ways[0], ways)


def _date(place: Place, alternatives: list[Alternative]) -> Criterion:
    """Bound the beginning of the interval, which the index holds; its end is near."""
    ways, outline = [], TRUE
    for each in alternatives:
        bounds = Sql("r.low is not null")
        if each.start is not None:
            low, high = each.start
            if low is not None:
                bounds = Sql("r.low >= ?", (low - WIDEST,))
            if high is not None:
                bounds += Sql("and r.low < ?", (high,))
        ways.append(bounds + Sql("and") + place.in_slot(each.condition))
        outline = bounds
    whole = either(ways)
    if len(ways) > 1 or alternatives[0].start is None:
        return Criterion(whole)
    held = _held(place, whole, ())
    return Criterion(held.test, held.keys, asked=Asked("low", (whole,), False, outline))


def _held(place: Place, condition: Sql, ways: tuple[Sql, ...]) -> Criterion:
    """Return the criterion of a condition on a slot."""
    keys = Sql("select r.k from") + place.rows() + condition if place.has_index else None
    return Criterion(condition, keys, asked=Asked(place.slot, ways) if ways else None)

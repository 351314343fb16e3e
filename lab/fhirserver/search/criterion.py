"""One condition of a search, in the forms that a plan chooses from.

``test`` holds on the row ``r`` of a resource. ``keys`` lists the ``k`` of the resources that may meet it, for
plans that start from there; ``exact`` tells that it lists no others (of that type, not deleted). ``walk``
is a condition on the row ``v`` of the index under which rows come in the order of ``k``.
"""

from dataclasses import dataclass

from lab.fhirserver.sql import Sql, either, joined, probe


@dataclass(frozen=True)
class Criterion:
    """See the module."""

    test: Sql
    keys: Sql | None = None
    exact: bool = True
    walk: Sql | None = None


@dataclass(frozen=True)
class Alternative:
    """A condition on the row ``v`` of one parameter of the index.

    ``drivable`` when the index finds its rows without reading others; ``ordered`` when these come by ``k``.
    """

    condition: Sql
    drivable: bool = True
    ordered: bool = False


def any_of(param: int, alternatives: list[Alternative]) -> Criterion:
    """Return the criterion that a resource has a value of the parameter that meets one alternative."""
    one = Sql("v.param = ? and", (param,))
    met = either(a.condition for a in alternatives)
    keys = None
    if alternatives and all(a.drivable for a in alternatives):
        selects = (Sql("select v.k from value v where") + one + a.condition for a in alternatives)
        keys = joined("union all", selects)
    ordered = len(alternatives) == 1 and alternatives[0].ordered
    return Criterion(probe(param, met), keys, walk=one + met if ordered else None)


def none_of(criterion: Criterion) -> Criterion:
    """Return the criterion that a resource does not meet another."""
    return Criterion(Sql("not") + criterion.test)


def missing(param: int, *, absent: bool) -> Criterion:
    """Return the criterion that a resource has no value of the parameter, or has one."""
    test = probe(param)
    return Criterion(Sql("not") + test) if absent else Criterion(test)

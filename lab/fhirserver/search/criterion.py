"""One condition of a search, in the forms that a plan chooses from.

``test`` holds on the row ``r`` of a resource. ``keys`` lists the ``k`` of the resources that may meet it, for
plans that start from there; ``exact`` tells that it lists no others (of that type, not deleted). ``walk`` is a
condition on the row ``v`` of the index under which rows come in the order of ``k``.
"""

from dataclasses import dataclass

from lab.fhirserver.sql import Sql, either


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
    met = one + either(tuple(a.condition for a in alternatives))
    test = Sql("exists (select 1 from value v where v.k = r.k and") + met + Sql(")")
    keys = None
    if alternatives and all(a.drivable for a in alternatives):
        selects = [Sql("select v.k from value v where") + one + a.condition for a in alternatives]
        keys = Sql(" union all ".join(s.text for s in selects), tuple(x for s in selects for x in s.args))
    only = alternatives[0] if len(alternatives) == 1 else None
    return Criterion(test, keys, walk=met if only is not None and only.ordered else None)


def none_of(criterion: Criterion) -> Criterion:
    """Return the criterion that a resource does not meet another."""
    return Criterion(Sql("not") + criterion.test)


def missing(param: int, *, absent: bool) -> Criterion:
    """Return the criterion that a resource has no value of the parameter, or has one."""
    test = Sql("exists (select 1 from value v where v.k = r.k and v.param = ?)", (param,))
    return Criterion(Sql("not") + test) if absent else Criterion(test)

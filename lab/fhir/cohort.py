"""Which resources of one type a view shows: a cohort, as membership in pools.

A *pool* is a named set that the hospital maintains: the patients of a Group (``Group/oncology``), those of a
List (``List/1``), or what carries a security label (``tag/system|code``). It is looked up at each request.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product

LABEL = "tag/"
"""What the name of the pool of a security label starts with."""

MAX_CLAUSES = 64


class TooManyClausesError(ValueError):
    """Cohorts so entangled that their union has no short form; what asked for it is refused."""


@dataclass(frozen=True)
class Cohort:
    """``within``: each set is a clause; every patient of a resource is in one pool of each of the clauses.

    ``without``: no patient of the resource is in one of these pools, nor is the resource itself.
    ``queries``: of each set of search queries (``category=laboratory``), the resource meets one: that is how
    a granular SMART scope narrows a type. A cohort without any of them is the whole type.
    """

    within: tuple[frozenset[str], ...] = ()
    without: frozenset[str] = frozenset()
    queries: tuple[frozenset[str], ...] = ()

    @property
    def whole(self) -> bool:
        """Tell whether the cohort is the whole type."""
        return not (self.within or self.without or self.queries)

    @property
    def pools(self) -> frozenset[str]:
        """Return every pool that is looked up."""
        return self.without.union(*self.within)

    def and_also(self, other: "Cohort") -> "Cohort":
        """Return what is in both."""
        return Cohort(
            _shortest((*self.within, *other.within)),
            self.without | other.without,
            _shortest((*self.queries, *other.queries)),
        )

    def or_else(self, other: "Cohort") -> "Cohort":
        """Return what one of two cohorts opens; both are written by permits alone, of pools.

        Raises:
            TooManyClausesError: the union has no short form.
        """
        clauses = _shortest(one | another for one, another in product(self.within, other.within))
        if len(clauses) > MAX_CLAUSES:
            message = (
                f"These cohorts together make {len(clauses)} conditions, at most {MAX_CLAUSES} are kept."
            )
            raise TooManyClausesError(message)
        return Cohort(clauses)

    def but(self, pools: Iterable[str]) -> "Cohort":
        """Return the cohort without what is in the pools."""
        return replace(self, without=self.without | frozenset(pools))

    def __str__(self) -> str:
        """Return the cohort in words."""
        clauses = [" or ".join(sorted(clause)) for clause in (*self.within, *self.queries)]
        clauses += [f"not {pool}" for pool in sorted(self.without)]
        return ", and ".join(clauses) or "the whole type"


WHOLE = Cohort()


def of_pool(*pools: str) -> Cohort:
    """Return the cohort of what is in one of the pools."""
    return Cohort((frozenset(pools),))


def _shortest(clauses: Iterable[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """Return the clauses without those that another one implies, in one order."""
    distinct = set(clauses)
    kept = {clause for clause in distinct if not any(other < clause for other in distinct)}
    return tuple(sorted(kept, key=sorted))

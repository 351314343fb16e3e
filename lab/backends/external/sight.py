"""A view with the members of its pools looked up: it tells of any resource whether it is seen.

This is level 4 of docs/five-levels.md, decided on what the server behind has answered, before anything of it
is passed on.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from lab.backends.external.about import DEFINING, LABEL, about, codes, is_known, own_pools
from lab.backends.external.granular import check_told, meets
from lab.backends.external.pools import Pools
from lab.backends.external.references import SOMEONE
from lab.backends.external.refusals import not_narrowed
from lab.fhir.cohort import Cohort
from lab.fhir.view import View


@dataclass(frozen=True)
class Sight:
    """``members`` are the patients of each pool of the view; ``bases`` the names of the server behind."""

    view: View
    members: Mapping[str, frozenset[str]]
    bases: Collection[str]

    def whole(self, type_: str) -> bool:
        """Tell whether the view shows every resource of a type."""
        return self.view.sees(type_) and self.view.cohort(type_).whole

    def patients(self, cohort: Cohort) -> frozenset[str] | None:
        """Return the patients of a cohort who are in it by the pools; None when it has no positive clause."""
        if not cohort.within:
            return None
        clauses = (frozenset().union(*(self.members[pool] for pool in clause)) for clause in cohort.within)
        return frozenset.intersection(*clauses) - self.denied(cohort)

    def denied(self, cohort: Cohort) -> frozenset[str]:
        """Return the patients whom a cohort takes out."""
        return frozenset().union(*(self.members[pool] for pool in cohort.without))

    def shows(self, resource: Mapping[str, Any]) -> bool:
        """Tell whether the view shows a resource with that content."""
        type_ = str(resource["resourceType"])
        if not self.view.sees(type_):
            return False
        cohort = self.view.cohort(type_)
        if cohort.whole:
            return True
        own, patients = own_pools(resource), about(resource, self.bases)
        if own & cohort.without or (cohort.without and type_ in DEFINING and not patients):
            return False
        asked = (any(meets(resource, query) for query in queries) for queries in cohort.queries)
        return self._inside(resource, cohort, own, patients) and all(asked)

    def _inside(
        self, resource: Mapping[str, Any], cohort: Cohort, own: frozenset[str], patients: frozenset[str]
    ) -> bool:
        type_ = str(resource["resourceType"])
        if not patients:
            if type_ == "Patient" or (type_ != "List" and codes(type_)):
                return not cohort.within  # about nobody
            named = {f"{type_}/{resource.get('id')}"} if type_ in DEFINING else set()
            return all(clause & (named | own) for clause in cohort.within)

        def is_in(patient: str, pools: frozenset[str]) -> bool:
            """Tell it of one patient; a Patient at hand has the labels that it carries, not those it had."""
            if type_ == "Patient":
                if own & pools:
                    return True
                pools = frozenset(pool for pool in pools if not pool.startswith(LABEL))
            return any(patient in self.members[pool] for pool in pools)

        if any(is_in(patient, cohort.without) for patient in patients):
            return False
        if cohort.without and SOMEONE in patients:
            return False
        return all(is_in(patient, clause) for clause in cohort.within for patient in patients)


async def sight_of(view: View, pools: Pools, bases: Collection[str]) -> Sight:
    """Look the pools of a view up.

    Raises:
        UpstreamError: a pool cannot be read.
    """
    named = frozenset[str]().union(*(cohort.pools for cohort in view.cohorts.values()))
    return Sight(view, await pools.members(named), bases)


def check_told_apart(view: View, type_: str) -> None:
    """Verify that content alone tells whether a resource of the type is in the view.

    Raises:
        FhirError: the constant refusal.
    """
    if not is_known(type_):
        raise not_narrowed()
    for query in (q for queries in view.cohort(type_).queries for q in queries) if view.sees(type_) else ():
        check_told(type_, query)

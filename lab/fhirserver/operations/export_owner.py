"""Who may have the files of a bulk export: the client that asked, as long as it sees as much as it did.

The rule: the same client under the same version of its policy; every exported type still open to it, to the
same cohort; every patient who was then in a pool of it still is, and nobody else is in a denied one. If one
of these fails, the job answers as an unknown one, for good or until that is mended. Nothing is taken out of
the files.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab.fhir.cohort import Cohort
from lab.fhir.view import View
from lab.fhirserver.storage.store import Store
from lab.fhirserver.visibility import members


@dataclass(frozen=True)
class Owner:
    """``cohorts`` by exported type, ``members`` by pool, both as they were at the transactionTime."""

    binding: str
    cohorts: Mapping[str, Cohort]
    members: Mapping[str, frozenset[str]]

    def is_still(self, store: Store, view: View) -> bool:
        """Tell whether a view is that of the owner, and shows all that it did."""
        return (
            view.binding == self.binding
            and all(view.sees(type_) and view.cohort(type_) == then for type_, then in self.cohorts.items())
            and all(
                members(store, pool) >= self.members[pool]
                for cohort in self.cohorts.values()
                for pool in frozenset().union(*cohort.within)
            )
            and all(
                members(store, pool) <= self.members[pool]
                for cohort in self.cohorts.values()
                for pool in cohort.without
            )
        )


def owner(store: Store, view: View, types: Iterable[str]) -> Owner:
    """Return who asks for an export of some types."""
    cohorts = {type_: view.cohort(type_) for type_ in types}
    pools = {pool for cohort in cohorts.values() for pool in cohort.pools}
    return Owner(view.binding, cohorts, {pool: members(store, pool) for pool in sorted(pools)})

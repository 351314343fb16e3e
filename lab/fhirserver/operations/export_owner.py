"""Who may have the files of a bulk export: the client that asked, as long as it sees as much as it did.

The rule: the same client under the same version of its policy; every exported type still open to it, to the
same cohort; whoever was in it then still is, and nothing that it may have shown then is denied now. If one of
these fails, the job answers as an unknown one, for good or until that is mended. Nothing is taken out of the
files. What the client could not see then does not count: it must not learn that it changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab.fhir.cohort import Cohort
from lab.fhir.view import View
from lab.fhirserver.storage.membership import DEFINING
from lab.fhirserver.storage.store import Store
from lab.fhirserver.visibility import about_patients, first_written, named_members, patients_of

Names = frozenset[str]
"""Resources, as ``Patient/1``."""


@dataclass(frozen=True)
class Extent:
    """What a cohort of one type took in: who was ``inside`` (None: everybody) and what was ``denied``.

    ``inside`` are patients or, of a type that is not about patients, resources of the type.
    """

    cohort: Cohort
    inside: Names | None
    denied: Names


@dataclass(frozen=True)
class Owner:
    """``extents`` by exported type, as they were at ``time``, the transactionTime."""

    binding: str
    time: int
    extents: Mapping[str, Extent]

    def is_still(self, store: Store, view: View) -> bool:
        """Tell whether a view is that of the owner, and shows all that it did."""
        return view.binding == self.binding and all(
            view.sees(type_) and view.cohort(type_) == then.cohort and self._holds(store, type_, then)
            for type_, then in self.extents.items()
        )

    def _holds(self, store: Store, type_: str, then: Extent) -> bool:
        now = _extent(store, type_, then.cohort)
        if then.inside is not None and not then.inside <= (now.inside or frozenset()):
            return False
        return not any(self._showed(store, type_, then, name) for name in now.denied - then.denied)

    def _showed(self, store: Store, type_: str, then: Extent, name: str) -> bool:
        """Tell whether the export may hold what is denied now: a patient, or a resource itself."""
        of, _, id_ = name.partition("/")
        written = first_written(store, of, id_)
        if written is None or written > self.time:
            return False
        if of == "Patient" and about_patients(store, type_):
            return then.inside is None or name in then.inside
        if of != type_:
            return False
        about = frozenset(f"Patient/{patient}" for patient in patients_of(store, of, id_, self.time))
        if not about.isdisjoint(then.denied) or (not about and of in DEFINING):
            return False
        if then.inside is None:
            return True
        return bool(about) and about <= then.inside if about_patients(store, type_) else name in then.inside


def owner(store: Store, view: View, types: Iterable[str], time: int) -> Owner:
    """Return who asks for an export of some types."""
    return Owner(view.binding, time, {type_: _extent(store, type_, view.cohort(type_)) for type_ in types})


def _extent(store: Store, type_: str, cohort: Cohort) -> Extent:
    of = "Patient/" if about_patients(store, type_) else f"{type_}/"
    denied = frozenset[str]().union(*(named_members(store, pool) for pool in cohort.without))
    if not cohort.within:
        return Extent(cohort, None, denied)
    clauses = (
        frozenset[str]().union(*(named_members(store, pool) for pool in clause)) for clause in cohort.within
    )
    inside = frozenset.intersection(*clauses) - denied
    return Extent(cohort, frozenset(name for name in inside if name.startswith(of)), denied)

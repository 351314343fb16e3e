"""Criteria that no search parameter has: the patients that a resource is about, and since when it is so."""

from lab.fhir.response import FhirError
from lab.fhir.view import View
from lab.fhirserver.search.criterion import NOBODY, Criterion
from lab.fhirserver.search.seen_time import seen_time
from lab.fhirserver.sql import Sql
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.times import HOSPITAL_ZONE, interval
from lab.fhirserver.storage.type_numbers import number
from lab.fhirserver.visibility import keys_of_members


def about_patient(store: Store, type_: str, patient: str) -> Criterion:
    """Return the criterion that a resource is in the compartment of a patient."""
    k = store.target("Patient", patient)
    if k is None:
        return NOBODY
    among_others = Sql("select m.n from patient_set m where m.patient = ?", (k,))
    test = Sql("(r.about = ? or r.about in (", (k,)) + among_others + Sql("))")
    of_type = Sql("and r.type = ?", (number(type_),))
    keys = (
        Sql("select r.k from resource r indexed by resource_about where r.about = ?", (k,))
        + of_type
        + Sql("union all select r.k from patient_set m cross join resource r indexed by resource_about")
        + Sql("where m.patient = ? and r.about = m.n", (k,))
        + of_type
    )
    return Criterion(test, keys)


def about_any_patient() -> Criterion:
    """Return the criterion that a resource is in the compartment of some patient."""
    return Criterion(Sql("r.about is not null"))


def about_members(type_: str, group: str, now: int) -> Criterion:
    """Return the criterion that a resource is in the compartment of a patient who is in a Group now."""
    members = Sql(
        "select g.member from pool_member g where g.pool = ? and g.low <= ? and g.high > ?",
        (f"Group/{group}", now, now),
    )
    test = (
        Sql("(r.about in (")
        + members
        + Sql(") or r.about in (select m.n from patient_set m where m.patient in (")
        + members
        + Sql(")))")
    )
    return Criterion(test, keys_of_members((f"Group/{group}",), type_, now), exact=False)


def changed_since(store: Store, view: View, since: int) -> Criterion:
    """Return the criterion that what a view shows was written later than a time in milliseconds UTC."""
    return Criterion(Sql(f"{seen_time(store, view)} > ?", (since,)))


def instant_of(text: str) -> int:
    """Return the milliseconds UTC of ``_since``.

    Raises:
        FhirError: 400 when it is no date.
    """
    try:
        return interval(text, HOSPITAL_ZONE)[0]
    except ValueError as error:
        raise FhirError(400, "invalid", f"_since cannot be read. {error}") from None

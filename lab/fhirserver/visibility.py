"""The view as a condition on a resource row, for every query and sub-query of the server.

A resource of a confined type is visible when it is about at least one patient and all the patients it is
about are members of the cohorts: a resource that ties an inside to an outside patient stays hidden. A Group
is visible by its own id. Membership is read at each request: it follows the Group at once.
"""

from collections.abc import Mapping
from typing import Any

from lab.fhir.view import View
from lab.fhirserver.sql import FALSE, TRUE, Sql, among
from lab.fhirserver.storage.compartment import patients
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.stored import Stored
from lab.fhirserver.storage.type_numbers import number


def visible(view: View, type_: str, now: int) -> Sql:
    """Return the condition on the row ``r`` of a resource of that type; ``now`` in milliseconds UTC."""
    if not view.sees(type_):
        return FALSE
    groups = view.groups(type_)
    if not groups:
        return TRUE
    if type_ == "Group":
        return among("r.id", groups)
    return (
        Sql("(r.pool in (select g.patient from group_member g where")
        + _now_in(groups, now)
        + Sql(") or r.pool < 0 and not exists (select 1 from pool_member c where c.pool = r.pool")
        + Sql("and not exists (select 1 from group_member g where g.patient = c.patient and")
        + _now_in(groups, now)
        + Sql(")))")
    )


def cohort_keys(view: View, type_: str, now: int) -> Sql | None:
    """Return a query of the ``k`` of a superset of what the view shows, for cohorts that are small."""
    groups = view.groups(type_)
    return None if not groups or type_ == "Group" else keys_of_members(groups, type_, now)


def keys_of_members(groups: tuple[str, ...], type_: str, now: int) -> Sql:
    """Return a query of the ``k`` of the resources of a type that are about a member of one of the Groups."""
    of_type = Sql("and r.type = ?", (number(type_),))
    return (
        Sql("select r.k from group_member g cross join resource r indexed by resource_pool where")
        + _now_in(groups, now)
        + Sql("and r.pool = g.patient")
        + of_type
        + Sql("union all select r.k from group_member g cross join pool_member m")
        + Sql("cross join resource r indexed by resource_pool where")
        + _now_in(groups, now)
        + Sql("and m.patient = g.patient and r.pool = m.pool")
        + of_type
    )


def seen(store: Store, view: View, type_: str, id_: str) -> Stored | None:
    """Return the latest version of a resource, be it a deletion; None when the view has no such resource."""
    return store.current(type_, id_, visible(view, type_, store.now()))


def holds(store: Store, view: View, resource: Mapping[str, Any]) -> bool:
    """Tell whether the view would show a resource with that content: one to be written, or a past version."""
    type_ = resource["resourceType"]
    if not view.sees(type_):
        return False
    groups = view.groups(type_)
    if not groups:
        return True
    if type_ == "Group":
        return resource.get("id") in groups
    about = tuple(store.target("Patient", id_) for id_ in patients(resource, store.context.bases))
    inside = (
        Sql("select count(distinct g.patient) from group_member g where")
        + _now_in(groups, store.now())
        + Sql("and")
        + among("g.patient", about)
    )
    return bool(about) and store.rows(inside.text, inside.args) == [(len(about),)]


def members(store: Store, group: str) -> frozenset[str]:
    """Return the ids of the patients who are members of a Group now."""
    patient = (
        "coalesce((select id from resource where k = g.patient), (select id from absent where k = g.patient))"
    )
    sql = Sql(f"select {patient} from group_member g where") + _now_in((group,), store.now())
    return frozenset(patient for (patient,) in store.rows(sql.text, sql.args))


def confined(view: View, type_: str) -> bool:
    """Tell whether the view hides some resources of a type, or all of them."""
    return not view.unrestricted and (type_ not in view.cohorts or bool(view.groups(type_)))


def reserved(view: View, type_: str) -> bool:
    """Tell whether a view may not write a type at all.

    A client confined to cohorts makes neither its own cohort nor a Subscription, whose notifications would
    pass by the masks and the later changes of its policy.
    """
    return not view.unrestricted and type_ in {"Group", "Subscription"}


def _now_in(groups: tuple[str, ...], now: int) -> Sql:
    """Return the condition that the membership ``g`` is in one of the Groups and holds now."""
    return among("g.cohort", groups) + Sql("and g.low <= ? and g.high > ?", (now, now))

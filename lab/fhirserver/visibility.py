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
from lab.fhirserver.storage.store import Store, Stored


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
        Sql("exists (select 1 from compartment c where c.k = r.k)")
        + Sql("and not exists (select 1 from compartment c where c.k = r.k")
        + Sql("and not exists (select 1 from group_member g where g.patient = c.patient and")
        + _now_in(groups, now)
        + Sql("))")
    )


def cohort_keys(view: View, type_: str, now: int) -> Sql | None:
    """Return a query of the ``k`` of a superset of what the view shows, for cohorts that are small."""
    groups = view.groups(type_)
    if not groups or type_ == "Group":
        return None
    return (
        Sql("select c.k from group_member g cross join compartment c where")
        + _now_in(groups, now)
        + Sql("and c.patient = g.patient and c.type = ?", (type_,))
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
    about = tuple(patients(resource, store.context.bases))
    inside = (
        Sql("select count(distinct g.patient) from group_member g where")
        + _now_in(groups, store.now())
        + Sql("and")
        + among("g.patient", about)
    )
    return bool(about) and store.rows(inside.text, inside.args) == [(len(about),)]


def members(store: Store, group: str) -> frozenset[str]:
    """Return the ids of the patients who are members of a Group now."""
    sql = Sql("select g.patient from group_member g where") + _now_in((group,), store.now())
    return frozenset(patient for (patient,) in store.rows(sql.text, sql.args))


def confined(view: View, type_: str) -> bool:
    """Tell whether the view hides some resources of a type, or all of them."""
    return not view.unrestricted and (type_ not in view.cohorts or bool(view.groups(type_)))


def _now_in(groups: tuple[str, ...], now: int) -> Sql:
    """Return the condition that the membership ``g`` is in one of the Groups and holds now."""
    return among("g.cohort", groups) + Sql("and g.low <= ? and g.high > ?", (now, now))

"""The view as a condition on a resource row, for every query and sub-query of the server.

Membership in pools is read at each request: it follows Groups, Lists and labels at once. What a resource must
meet is said in docs/five-levels.md, under level 4.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from lab.fhir.cohort import LABEL, Cohort
from lab.fhir.compartments import compartment
from lab.fhir.request import Parameter
from lab.fhir.strict_json import exact
from lab.fhir.view import View
from lab.fhirserver.search.own import Scope, of_itself
from lab.fhirserver.sql import FALSE, TRUE, Sql, among, both, either
from lab.fhirserver.storage.compartment import patients
from lab.fhirserver.storage.membership import DEFINING, labels
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.stored import Stored
from lab.fhirserver.storage.type_numbers import name as type_name
from lab.fhirserver.storage.type_numbers import number


def visible(store: Store, view: View, type_: str, now: int, *, one: bool = False) -> Sql:
    """Return the condition on the row ``r`` of a resource of that type; ``now`` in milliseconds UTC.

    For ``one`` resource its patient is looked for among the members; for many, the members are listed first.
    """
    if not view.sees(type_):
        return FALSE
    cohort = view.cohort(type_)
    if cohort.whole:
        return TRUE
    inside = (_inside(store, type_, clause, now, one=one) for clause in cohort.within)
    asked = (_meets(store, type_, queries, now) for queries in cohort.queries)
    conditions = (*inside, *_outside(store, type_, cohort, now), *asked)
    return FALSE if FALSE in conditions else both(conditions)


def cohort_keys(store: Store, view: View, type_: str, now: int) -> Sql | None:
    """Return a query of the ``k`` of a superset of what the view shows, for cohorts that are small."""
    if not view.sees(type_) or not view.cohort(type_).within or not about_patients(store, type_):
        return None
    smallest = min(view.cohort(type_).within, key=len)
    return None if type_ == "List" else keys_of_members(tuple(sorted(smallest)), type_, now)


def keys_of_members(pools: tuple[str, ...], type_: str, now: int) -> Sql:
    """Return a query of the ``k`` of the resources of a type that are about a member of one of the pools."""
    of_type = Sql("and r.type = ?", (number(type_),))
    return (
        Sql("select r.k from pool_member g cross join resource r indexed by resource_about where")
        + _now_in(pools, now)
        + Sql("and r.about = g.member")
        + of_type
        + Sql("union all select r.k from pool_member g cross join patient_set m")
        + Sql("cross join resource r indexed by resource_about where")
        + _now_in(pools, now)
        + Sql("and m.patient = g.member and r.about = m.n")
        + of_type
    )


def seen(store: Store, view: View, type_: str, id_: str) -> Stored | None:
    """Return the latest version of a resource, be it a deletion; None when the view has no such resource."""
    return store.current(type_, id_, visible(store, view, type_, store.now(), one=True))


def holds(store: Store, view: View, resource: Mapping[str, Any]) -> bool:
    """Tell whether the view would show a resource with that content: one to be written, or a past version.

    What a granular scope asks for is looked up once the resource is written: see ``kept``.
    """
    type_ = resource["resourceType"]
    if not view.sees(type_):
        return False
    cohort = view.cohort(type_)
    if cohort.whole:
        return True
    own = frozenset(labels(resource))
    about = patients(resource, store.context.bases, store.release)
    if own & cohort.without or (not about and cohort.without and type_ in DEFINING):
        return False
    if not about_patients(store, type_) or (type_ == "List" and not about):
        named = {f"{type_}/{resource.get('id')}"} if type_ in DEFINING else set()
        return all(clause & (named | own) for clause in cohort.within)
    known = {k for k in (store.target("Patient", id_) for id_ in about) if k is not None}

    def inside(pools: frozenset[str]) -> int:
        """Return how many of the patients are in one of the pools; a Patient has the labels it will have."""
        if type_ != "Patient":
            return _count(store, known, pools)
        return 1 if own & pools else _count(store, known, pools.difference(_tags(pools)))

    denied = bool(cohort.without) and inside(cohort.without) > 0
    return not denied and all(about and inside(clause) == len(about) for clause in cohort.within)


def carried_labels(store: Store, type_: str, id_: str) -> frozenset[str] | None:
    """Return the label pools of a resource, a deleted one too; None when there never was one."""
    before = store.current(type_, id_)
    if before is None:
        return None
    pools = store.rows(
        "select pool from pool_member where member = ? and pool >= 'tag/' and pool < 'tag0'", (before.k,)
    )
    return frozenset(pool for (pool,) in pools)


def kept(store: Store, view: View, stored: Stored) -> bool:
    """Tell whether the view shows a resource just written; it is asked inside the transaction."""
    if view.unrestricted or not view.cohort(stored.type).queries:
        return True
    return seen(store, view, stored.type, stored.id) is not None


def members(store: Store, pool: str) -> frozenset[str]:
    """Return the ids of the patients who are in a pool now."""
    named = (name.partition("/") for name in named_members(store, pool))
    return frozenset(id_ for type_, _, id_ in named if type_ == "Patient")


def named_members(store: Store, pool: str) -> frozenset[str]:
    """Return what is in a pool now, as ``Patient/1``; a patient may be named and not be there."""
    there = Sql(
        "select r.type, r.id from pool_member g cross join resource r where r.k = g.member and"
    ) + _now_in((pool,), store.now())
    awaited = Sql(
        "select a.type, a.id from pool_member g cross join absent a where a.k = g.member and"
    ) + _now_in((pool,), store.now())
    names = [f"{type_name(type_)}/{id_}" for type_, id_ in store.rows(there.text, there.args)]
    return frozenset((*names, *(f"{type_}/{id_}" for type_, id_ in store.rows(awaited.text, awaited.args))))


def first_written(store: Store, type_: str, id_: str) -> int | None:
    """Return when a resource was first written, in milliseconds UTC; None if it never was."""
    rows = store.rows(
        "select coalesce((select min(h.updated) from history h where h.k = r.k), r.updated) from resource r "
        "where r.type = ? and r.id = ?",
        (number(type_), id_),
    )
    return int(rows[0][0]) if rows else None


def patients_of(store: Store, type_: str, id_: str, time: int) -> frozenset[str]:
    """Return the ids of the patients that a resource was about at a time, or before it was deleted then."""
    stored = store.current(type_, id_)
    bodies = (each.body for each in store.versions(stored) if each.updated <= time) if stored else ()
    body = next((body for body in bodies if body is not None), None)
    return frozenset() if body is None else patients(exact(body), store.context.bases, store.release)


def confined(view: View, type_: str) -> bool:
    """Tell whether the view hides some resources of a type, or all of them."""
    return not view.unrestricted and (type_ not in view.cohorts or not view.cohorts[type_].whole)


def reserved(view: View, type_: str) -> bool:
    """Tell whether a view may not write a type at all.

    A client confined to cohorts makes neither its own cohort nor a Subscription, whose notifications would
    pass by the masks and the later changes of its policy.
    """
    return not view.unrestricted and type_ in {*DEFINING, "Subscription"}


def _inside(store: Store, type_: str, clause: frozenset[str], now: int, *, one: bool) -> Sql:
    """Return the condition that a resource is in one of the pools of a clause."""
    itself = _itself(type_, clause, now)
    if not about_patients(store, type_):
        return either(itself)
    pools = tuple(sorted(clause))
    listed = "(r.about in (select g.member from pool_member g where"
    looked_up = "(exists (select 1 from pool_member g where g.member = r.about and"
    about = (
        Sql(looked_up if one else listed)
        + _now_in(pools, now)
        + Sql(") or r.about < 0 and not exists (select 1 from patient_set c where c.n = r.about")
        + Sql("and not exists (select 1 from pool_member g where g.member = c.patient and")
        + _now_in(pools, now)
        + Sql(")))")
    )
    if type_ != "List":
        return about
    return either((about, both((Sql("r.about is null"), either(itself)))))


def _itself(type_: str, clause: frozenset[str], now: int) -> list[Sql]:
    """Return the ways in which a resource about nobody is in a pool: by its name, by its label."""
    names = [pool.removeprefix(f"{type_}/") for pool in clause if pool.startswith(f"{type_}/")]
    tags = _tags(clause)
    ways = [among("r.id", tuple(sorted(names)))] if names and type_ in DEFINING else []
    if tags:
        ways.append(Sql("r.k in (select g.member from pool_member g where") + _now_in(tags, now) + Sql(")"))
    return ways


def _outside(store: Store, type_: str, cohort: Cohort, now: int) -> list[Sql]:
    """Return the conditions that keep out what is denied."""
    if not cohort.without:
        return []
    found = []
    denied = tuple(sorted(cohort.without))
    if tags := _tags(cohort.without):
        of_tag = Sql("r.k not in (select g.member from pool_member g where") + _now_in(tags, now) + Sql(")")
        found.append(of_tag)
    if type_ in DEFINING:  # it would name who is denied
        found.append(FALSE if type_ == "Group" else Sql("r.about is not null"))
    if about_patients(store, type_):
        found.append(
            Sql("(r.about is null or r.about not in (select g.member from pool_member g where")
            + _now_in(denied, now)
            + Sql("))")
        )
        found.append(
            Sql("(r.about is null or r.about >= 0 or not exists (select 1 from patient_set c")
            + Sql("cross join pool_member g where c.n = r.about and g.member = c.patient and")
            + _now_in(denied, now)
            + Sql("))")
        )
    return found


def _meets(store: Store, type_: str, queries: Iterable[str], now: int) -> Sql:
    """Return the condition that a resource meets one of the queries of granular scopes."""
    scope = Scope(store, View(), "", now)
    return either(
        both(
            of_itself(scope, type_, _parameter(*pair)).test for pair in parse_qsl(query, strict_parsing=True)
        )
        for query in sorted(queries)
    )


def _parameter(key: str, value: str) -> Parameter:
    name, _, modifier = key.partition(":")
    return Parameter(name, value, modifier or None)


def about_patients(store: Store, type_: str) -> bool:
    """Tell whether resources of the type are about patients."""
    return type_ != "Group" and type_ in compartment("Patient", store.release)


def _tags(pools: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(pool for pool in pools if pool.startswith(LABEL)))


def _count(store: Store, people: Collection[int], pools: Collection[str]) -> int:
    """Return how many of the patients are in one of the pools now."""
    if not people or not pools:
        return 0
    sql = (
        Sql("select count(distinct g.member) from pool_member g where")
        + _now_in(tuple(sorted(pools)), store.now())
        + Sql("and")
        + among("g.member", tuple(people))
    )
    return int(store.rows(sql.text, sql.args)[0][0])


def _now_in(pools: tuple[str, ...], now: int) -> Sql:
    """Return the condition that the membership ``g`` is in one of the pools and holds now."""
    return among("g.pool", pools) + Sql("and g.low <= ? and g.high > ?", (now, now))

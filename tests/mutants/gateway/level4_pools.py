"""Level 4, holes in who is in a cohort: Groups, Lists, labels, denials, clauses, granular scopes."""

from dataclasses import replace

import pytest

from lab.fhir.cohort import LABEL, WHOLE, Cohort
from lab.fhir.permission import permit_rule
from lab.fhir.policy import Policy
from lab.fhirserver import visibility
from lab.fhirserver.sql import Sql, either
from lab.fhirserver.storage import membership
from lab.gateway import level4_cohort
from tests.mutants.gateway.widening import everywhere


def _remembered(patch, change) -> None:
    """Change the members that a Group, a List or a label has, wherever they are written."""
    sound = membership.memberships

    def memberships(resource, bases, zone):
        return sound(change(resource), bases, zone)

    everywhere(patch, sound, memberships)


def period_ignored(patch: pytest.MonkeyPatch) -> None:
    """A patient stays in a Group after the end of the membership."""
    _remembered(patch, lambda r: _members(r, {"period"}))


def inactive_member_counts(patch: pytest.MonkeyPatch) -> None:
    """A member of a Group that is marked as inactive still counts."""
    _remembered(patch, lambda r: _members(r, {"inactive"}))


def inactive_group_counts(patch: pytest.MonkeyPatch) -> None:
    """A Group that is not active still opens its patients."""
    _remembered(patch, lambda r: {n: v for n, v in r.items() if n != "active"})


def deleted_entry_counts(patch: pytest.MonkeyPatch) -> None:
    """An entry of a List that is marked as deleted still opens its patient."""

    def change(resource):
        if resource["resourceType"] != "List":
            return resource
        entries = [{**e, "deleted": False} for e in resource.get("entry", ())]
        return {**resource, "entry": entries}

    _remembered(patch, change)


def retired_list_counts(patch: pytest.MonkeyPatch) -> None:
    """A List that is not current still opens its patients."""
    _remembered(patch, lambda r: {**r, "status": "current"} if r["resourceType"] == "List" else r)


def label_of_any_system(patch: pytest.MonkeyPatch) -> None:
    """The system of a label is not compared, nor its code: any label opens."""
    _labels(patch, lambda system, _: f"{system}|VIP")


def label_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A label beside a Group in one data is left out: a criterion that is not supported is ignored."""
    _clauses(patch, lambda pools: [p for p in pools if not p.startswith(LABEL)] or pools)


def group_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A Group beside a label in one data is left out."""
    _clauses(patch, lambda pools: [p for p in pools if p.startswith(LABEL)] or pools)


def conjunction_is_union(patch: pytest.MonkeyPatch) -> None:
    """Group and label of one data are taken for alternatives."""
    sound = permit_rule.of_pool
    seen = []

    def selection(*asked):
        seen[:] = found.pools if (found := selected(*asked)) else ()
        return found

    selected = permit_rule.selection
    patch.setattr(permit_rule, "selection", selection)
    patch.setattr(permit_rule, "of_pool", lambda _: sound(*seen))


def any_patient_is_enough(patch: pytest.MonkeyPatch) -> None:
    """A resource about several patients is shown when one of them is in the cohort."""
    sound = visibility._inside

    def inside(store, type_, clause, now, **more):
        if not visibility.about_patients(store, type_):
            return sound(store, type_, clause, now, **more)
        pools = tuple(sorted(clause))
        one = Sql("exists (select 1 from patient_set c cross join pool_member g where c.n = r.about")
        one += Sql("and g.member = c.patient and") + visibility._now_in(pools, now) + Sql(")")
        return either((sound(store, type_, clause, now, **more), one))

    patch.setattr(visibility, "_inside", inside)


def about_nobody_is_shown(patch: pytest.MonkeyPatch) -> None:
    """A resource about no patient is shown in every cohort."""
    sound = visibility._inside
    patch.setattr(
        visibility, "_inside", lambda *of, **more: either((sound(*of, **more), Sql("r.about is null")))
    )


def clauses_added_up(patch: pytest.MonkeyPatch) -> None:
    """Of the clauses of a cohort, one that is met is enough."""
    sound = visibility.visible

    def visible(store, view, type_, now, **more):
        cohort = view.cohort(type_) if view.sees(type_) and not view.unrestricted else WHOLE
        if len(cohort.within) < 2:
            return sound(store, view, type_, now, **more)
        ways = (replace(cohort, within=(clause,)) for clause in cohort.within)
        return either(sound(store, replace(view, cohorts={type_: way}), type_, now, **more) for way in ways)

    everywhere(patch, sound, visible)


def denial_ignored(patch: pytest.MonkeyPatch) -> None:
    """A denial by Group, List or label takes nothing away."""
    patch.setattr(Cohort, "but", lambda cohort, _: cohort)


def denial_of_type_ignored(patch: pytest.MonkeyPatch) -> None:
    """A denial of every type takes away from the type of Patient alone."""
    sound = Policy.opened

    def opened(policy, activity, today):
        found = sound(policy, activity, today)
        free = sound(replace(policy, denials=()), activity, today)
        general = any(set(denial.pools) == {"*"} for denial in policy.denials)
        return {t: free[t] if general and t != "Patient" else c for t, c in found.items()}

    patch.setattr(Policy, "opened", opened)


def denial_of_other_actions(patch: pytest.MonkeyPatch) -> None:
    """A denial of reading is not looked at when what is read is on the way of another request."""
    sound = level4_cohort._opened

    def opened(interaction, scopes, policy, purpose, today):
        on_the_way = interaction is level4_cohort.GIVES[0]
        return sound(
            interaction, scopes, replace(policy, denials=()) if on_the_way else policy, purpose, today
        )

    patch.setattr(level4_cohort, "_opened", opened)


def denied_label_of_resource(patch: pytest.MonkeyPatch) -> None:
    """A denial looks at the labels of patients, not at those of the resource itself."""
    _outside(patch, lambda condition: "r.k not in" not in condition.text)


def denied_patient_of_several(patch: pytest.MonkeyPatch) -> None:
    """A denial does not look at resources about several patients."""
    _outside(patch, lambda condition: "patient_set" not in condition.text)


def denied_are_named(patch: pytest.MonkeyPatch) -> None:
    """Under a denial, Groups and Lists are shown: they name who is denied."""
    _outside(
        patch,
        lambda condition: (
            condition.text not in {"0", "r.about is not null"} and "false" not in condition.text
        ),
    )


def permits_beat_denials(patch: pytest.MonkeyPatch) -> None:
    """Who is both permitted and denied is permitted (permit-overrides)."""
    sound = visibility._outside

    def outside(store, type_, cohort, now):
        found = sound(store, type_, cohort, now)
        if not found or not cohort.within:
            return found
        return []

    patch.setattr(visibility, "_outside", outside)


def granular_scope_is_no_cohort(patch: pytest.MonkeyPatch) -> None:
    """The query of a granular scope opens its type, whole."""
    patch.setattr(visibility, "_meets", lambda *_: visibility.TRUE)


def granular_scope_only_asked_directly(patch: pytest.MonkeyPatch) -> None:
    """The query of a granular scope narrows searches of its type, not what is on the way of others."""
    sound = level4_cohort.view_of

    def view_of(requests, *rest):
        view, decision = sound(requests, *rest)
        own = {request.type for request in requests}
        cohorts = {t: c if t in own else replace(c, queries=()) for t, c in view.cohorts.items()}
        return replace(view, cohorts=cohorts), decision

    patch.setattr(level4_cohort, "view_of", view_of)


def members_of_the_first_request(patch: pytest.MonkeyPatch) -> None:
    """Who is in a pool is looked up as of the start, when nobody had left it yet."""
    sound = visibility._now_in
    patch.setattr(visibility, "_now_in", lambda pools, now: sound(pools, now - 86_400_000 * 900))


def largest_clause_only(patch: pytest.MonkeyPatch) -> None:
    """Of several data on a type, only the last one counts: some of the visible is missing."""
    patch.setattr(Cohort, "or_else", lambda _, other: other)


def compartment_only_by_subject(patch: pytest.MonkeyPatch) -> None:
    """A resource about several patients is never shown: some of the visible is missing."""
    sound = visibility._inside

    def inside(store, type_, clause, now, **more):
        found = sound(store, type_, clause, now, **more)
        return visibility.both((found, Sql("(r.about is null or r.about >= 0)")))

    patch.setattr(visibility, "_inside", inside)


def _members(resource, without):
    if resource["resourceType"] != "Group":
        return resource
    members = [{n: v for n, v in m.items() if n not in without} for m in resource.get("member", ())]
    return {**resource, "member": members}


def _labels(patch, change) -> None:
    sound = membership.labels

    def labels(resource):
        for label in sound(resource):
            system, _, code = label.removeprefix(LABEL).partition("|")
            yield label
            yield f"{LABEL}{change(system, code)}"

    patch.setattr(membership, "labels", labels)
    patch.setattr(visibility, "labels", labels)


def _clauses(patch, change) -> None:
    sound = permit_rule.selection

    def selection(*asked):
        found = sound(*asked)
        return replace(found, pools=tuple(change(found.pools)))

    patch.setattr(permit_rule, "selection", selection)


def _outside(patch, kept) -> None:
    sound = visibility._outside
    patch.setattr(visibility, "_outside", lambda *of: [c for c in sound(*of) if kept(c)])

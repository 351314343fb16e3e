"""Level 4, holes in what is read: sub-queries, operations, pages, versions that are not confined."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from lab.fhir.cohort import Cohort
from lab.fhir.interaction import Interaction
from lab.fhirserver import dispatch, lookup, read, search_type, timeline, vread
from lab.fhirserver.operations import everything, export, lastn, validate
from lab.fhirserver.search import criteria, includes
from lab.gateway import level4_cohort, serving
from tests.mutants.gateway.widening import is_ours, opened, unconfined, unscoped, wide


def chain_unconfined(patch: pytest.MonkeyPatch) -> None:
    """A chained search looks at resources outside the view (HAPI #5712)."""
    unscoped(patch, criteria, "_chain")


def has_unconfined(patch: pytest.MonkeyPatch) -> None:
    """A reverse chain tells of resources outside the view (HAPI #6065, Medplum #9986)."""
    unscoped(patch, criteria, "_has")


def include_unconfined(patch: pytest.MonkeyPatch) -> None:
    """An include brings what is outside of the view (Microsoft #5683)."""
    unscoped(patch, includes, "_forward")


def revinclude_unconfined(patch: pytest.MonkeyPatch) -> None:
    """A reverse include brings what is outside of the view."""
    unscoped(patch, includes, "_followed", lambda _, each: each.reverse)


def iterate_unconfined(patch: pytest.MonkeyPatch) -> None:
    """Only the rounds of an include that iterates are not confined."""
    unscoped(patch, includes, "_followed", lambda _, each: each.iterate)


def id_search_unconfined(patch: pytest.MonkeyPatch) -> None:
    """A search by id is taken for a read and not confined (CWE-639)."""
    unconfined(patch, Interaction.SEARCH_TYPE, lambda request: bool(request.values("_id")))


def read_unconfined(patch: pytest.MonkeyPatch) -> None:
    """A read by id never looks at the cohort (Fyrstain, matchOrThrow never called)."""
    unconfined(patch, Interaction.READ)


def head_unconfined(patch: pytest.MonkeyPatch) -> None:
    """HEAD answers for resources that GET does not show."""
    unconfined(patch, Interaction.READ, lambda request: request.method == "HEAD")


def posted_search_unconfined(patch: pytest.MonkeyPatch) -> None:
    """A search that is sent by POST goes past the narrowing."""
    unconfined(patch, Interaction.SEARCH_TYPE, lambda request: request.method == "POST")


def same_name_widens(patch: pytest.MonkeyPatch) -> None:
    """The cohort is joined to a criterion on labels or patients that the client sends (Fyrstain: OR)."""
    names = {"patient", "subject", "_security", "_tag"}
    unconfined(patch, Interaction.SEARCH_TYPE, lambda r: any(p.name in names for p in r.parameters))


def total_counts_everybody(patch: pytest.MonkeyPatch) -> None:
    """The total of a search counts what is hidden."""
    sound = search_type.count

    def count(store, query):
        return sound(store, _without_view(query))

    patch.setattr(search_type, "count", count)


def negation_unconfined(patch: pytest.MonkeyPatch) -> None:
    """A search for what is absent, or is not, goes past the narrowing."""
    unconfined(
        patch,
        Interaction.SEARCH_TYPE,
        lambda r: any(p.modifier in {"not", "missing"} for p in r.parameters),
    )


def history_unconfined(patch: pytest.MonkeyPatch) -> None:
    """The history of a resource is listed whoever it is about."""
    unconfined(patch, Interaction.HISTORY_INSTANCE)


def history_type_unconfined(patch: pytest.MonkeyPatch) -> None:
    """The history of a type lists what is outside of the view (LinuxForHealth #2300)."""
    unconfined(patch, Interaction.HISTORY_TYPE)


def past_versions_unchecked(patch: pytest.MonkeyPatch) -> None:
    """The versions of a resource that were about somebody else are listed with it."""
    patch.setattr(timeline, "_shown", lambda *_: True)


def vread_unconfined(patch: pytest.MonkeyPatch) -> None:
    """A version is read whoever the resource is about now."""
    unconfined(patch, Interaction.VREAD)


def past_version_unchecked(patch: pytest.MonkeyPatch) -> None:
    """A past version that was about somebody else is read by its number."""
    patch.setattr(vread, "holds", lambda *_: True)


def deleted_outside_is_gone(patch: pytest.MonkeyPatch) -> None:
    """What was deleted outside of the view answers 410, an id that never was 404."""
    sound = read.found

    def found(store, view, type_, id_):
        there = store.current(type_, id_)
        if there is not None and there.deleted and type_ in view.cohorts:
            raise lookup.deleted()
        return sound(store, view, type_, id_)

    patch.setattr(read, "found", found)


def refusal_tells_existence(patch: pytest.MonkeyPatch) -> None:
    """A resource outside the view is refused, an unknown one is not found (LinuxForHealth #2669)."""
    sound = read.found

    def found(store, view, type_, id_):
        there = store.current(type_, id_)
        stored = lookup.seen(store, view, type_, id_)
        if stored is None and there is not None:
            raise lookup.FhirError(403, "forbidden", "This resource is not yours.")
        return sound(store, view, type_, id_)

    patch.setattr(read, "found", found)


def everything_unconfined(patch: pytest.MonkeyPatch) -> None:
    """The compartment of a patient of the cohort is given whole, labels and denials apart."""
    unscoped(patch, everything, "_query")


def everything_of_anybody(patch: pytest.MonkeyPatch) -> None:
    """The compartment of any patient may be asked for: an empty Bundle tells that there is one."""
    sound = everything.found

    def found(store, view, type_, id_):
        return sound(store, wide(view), type_, id_)

    patch.setattr(everything, "found", found)


def everything_refers_outside(patch: pytest.MonkeyPatch) -> None:
    """What a compartment refers to comes along, in the view or not."""
    unscoped(patch, everything, "_referred")


def lastn_unconfined(patch: pytest.MonkeyPatch) -> None:
    """The last observations of any patient are given."""
    unscoped(patch, lastn, "read")


def export_unconfined(patch: pytest.MonkeyPatch) -> None:
    """An export writes whole types to its files (HAPI #6854)."""
    unscoped(patch, export, "_part")


def export_of_any_group(patch: pytest.MonkeyPatch) -> None:
    """An export of a Group outside the view starts, one of no Group does not."""
    sound = export.found

    def found(store, view, type_, id_):
        return sound(store, wide(view), type_, id_)

    patch.setattr(export, "found", found)


def validation_of_anybody(patch: pytest.MonkeyPatch) -> None:
    """A resource outside the view is validated, which tells that it is there."""
    sound = validate.found

    def found(store, view, type_, id_):
        return sound(store, wide(view), type_, id_)

    patch.setattr(validate, "found", found)


def page_shows_the_number(patch: pytest.MonkeyPatch) -> None:
    """A page link carries the number of a resource, which counts those that nobody may see."""
    sound = search_type._state

    def state(search, last):
        return [*sound(search, last)[:4], last.id, last.k]

    def resume(server, view, type_, token):
        match server.pages.unseal(token, view.binding):
            case [*known, int()]:
                token = server.pages.seal(known, view.binding)
        return unchanged(server, view, type_, token)

    unchanged = search_type._resume
    patch.setattr(search_type, "_state", state)
    patch.setattr(search_type, "_resume", resume)


def further_pages_unconfined(patch: pytest.MonkeyPatch) -> None:
    """Only the first page of a search is confined."""
    unconfined(patch, Interaction.SEARCH_TYPE, lambda request: bool(request.values("_page")))


def page_is_full(patch: pytest.MonkeyPatch) -> None:
    """A page has a next link when only what is hidden follows."""
    sound = search_type.find

    def find(store, query, limit, after=None):
        found = sound(store, query, limit, after)
        if found and len(found) == limit - 1:
            found += sound(store, _without_view(query), 1, found[-1])
        return found

    patch.setattr(search_type, "find", find)


def batch_unconfined(patch: pytest.MonkeyPatch) -> None:
    """An entry of a batch is read on the whole type."""
    _in_entries(patch, lambda view, request: opened(view, request.type))


def batch_of_no_view(patch: pytest.MonkeyPatch) -> None:
    """A search in a batch sees every type in its chains and includes."""
    _in_entries(
        patch, lambda view, request: replace(view, cohorts={**wide(view).cohorts, **_own(view, request)})
    )


def transaction_unconfined(patch: pytest.MonkeyPatch) -> None:
    """The reads of a transaction are made on the whole types."""
    sound = dispatch.transaction

    def transaction(server, request, view, perform):
        def performed(each, seen):
            return perform(each, wide(seen) if is_ours(seen) and each.method == "GET" else seen)

        return sound(server, request, view, performed)

    patch.setattr(dispatch, "transaction", transaction)


def on_the_way_as_read(patch: pytest.MonkeyPatch) -> None:
    """Includes and chains show what may be read one by one, though not searched."""
    sound = level4_cohort._opened

    def opened_(interaction, scopes, policy, purpose, today):
        searched = interaction is level4_cohort.GIVES[1]
        return sound(Interaction.READ if searched else interaction, scopes, policy, purpose, today)

    patch.setattr(level4_cohort, "_opened", opened_)


def _own(view, request) -> Mapping[str, Cohort]:
    return {request.type: view.cohort(request.type)} if request.type in view.cohorts else {}


def _without_view(query):
    return replace(query, criteria=tuple(c for c in query.criteria if "pool_member" not in c.test.text))


def _in_entries(patch, change) -> None:
    """Change the view of what is asked in a batch."""
    inside = []
    entry, rule_on = serving.Service._entry, serving.rule_on

    async def marked(self, request):
        inside.append(True)
        try:
            return await entry(self, request)
        finally:
            inside.pop()

    def ruled(requests, grant, registration, today):
        ruling = rule_on(requests, grant, registration, today)
        return replace(ruling, view=change(ruling.view, requests[0])) if inside else ruling

    patch.setattr(serving.Service, "_entry", marked)
    patch.setattr(serving, "rule_on", ruled)

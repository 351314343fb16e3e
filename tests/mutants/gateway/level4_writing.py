"""Level 4, holes in what is written: outside of the view, out of it, or telling what is there."""

from dataclasses import replace

import pytest

from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirError
from lab.fhirserver import create, delete, lookup, rewriting, storing, transaction, update
from lab.gateway import serving
from tests.mutants.gateway.widening import is_ours, unconfined, wide


def write_unconfined(patch: pytest.MonkeyPatch) -> None:
    """A resource outside the view is written over by who knows its id."""
    unconfined(patch, Interaction.UPDATE, lambda request: request.id is not None)


def upsert_in_a_cohort(patch: pytest.MonkeyPatch) -> None:
    """PUT creates under an id of the client's choice in a cohort: what is taken is told from what is free."""
    patch.setattr(update, "confined", lambda *_: False)


def put_tells_taken_ids(patch: pytest.MonkeyPatch) -> None:
    """PUT on a hidden resource is a conflict, on an unknown id not found."""
    sound = update.seen

    def seen(store, view, type_, id_):
        found = sound(store, view, type_, id_)
        if found is None and store.current(type_, id_) is not None:
            raise FhirError(409, "conflict", "The id is taken.")
        return found

    patch.setattr(update, "seen", seen)


def written_out_of_the_view(patch: pytest.MonkeyPatch) -> None:
    """What a write leaves is not looked at: a resource is given to a patient outside the cohort."""
    patch.setattr(storing, "holds", lambda *_: True)


def created_out_of_the_view(patch: pytest.MonkeyPatch) -> None:
    """Only a create is not looked at: it may be about anybody."""
    sound = create.store

    def store(server, request, view, *rest):
        return sound(server, request, wide(view) if is_ours(view) else view, *rest)

    patch.setattr(create, "store", store)


def labels_given(patch: pytest.MonkeyPatch) -> None:
    """A client gives or takes the label that its cohort is chosen by."""
    patch.setattr(storing, "_labelled", lambda _store, _view, _id, resource, **_: resource)


def pools_written(patch: pytest.MonkeyPatch) -> None:
    """A client writes the Group or the List that its cohort is."""
    patch.setattr(storing, "reserved", lambda *_: False)


def pools_deleted(patch: pytest.MonkeyPatch) -> None:
    """A client deletes the Group or the List that its cohort, or a denial, is."""
    patch.setattr(delete, "reserved", lambda *_: False)


def granular_scope_left_by_writing(patch: pytest.MonkeyPatch) -> None:
    """A write may leave what the query of a granular scope opens."""
    patch.setattr(storing, "kept", lambda *_: True)


def delete_unconfined(patch: pytest.MonkeyPatch) -> None:
    """A resource outside the view is deleted by who knows its id."""
    unconfined(patch, Interaction.DELETE)


def delete_tells_existence(patch: pytest.MonkeyPatch) -> None:
    """DELETE of a hidden resource is refused, of an unknown id it is not."""
    sound = delete.seen

    def seen(store, view, type_, id_):
        found = sound(store, view, type_, id_)
        there = store.current(type_, id_)
        if found is None and there is not None and not there.deleted:
            raise FhirError(403, "forbidden", "This resource is not yours.")
        return found

    patch.setattr(delete, "seen", seen)


def delete_of_unknown_is_not_found(patch: pytest.MonkeyPatch) -> None:
    """DELETE of what never was answers 404, of what is hidden 204."""
    sound = delete.seen

    def seen(store, view, type_, id_):
        if store.current(type_, id_) is None:
            raise lookup.unknown()
        return sound(store, view, type_, id_)

    patch.setattr(delete, "seen", seen)


def if_none_exist_unconfined(patch: pytest.MonkeyPatch) -> None:
    """A conditional create is stopped by a match that the client may not see (HAPI #5712)."""
    _matching(patch, create)


def conditional_reference_unconfined(patch: pytest.MonkeyPatch) -> None:
    """A reference by criteria in a transaction leads to a resource outside the view."""
    _matching(patch, rewriting)


def identity_unconfined(patch: pytest.MonkeyPatch) -> None:
    """The criteria of entries of a transaction are matched outside of the view."""
    _matching(patch, transaction)


def patch_unconfined(patch: pytest.MonkeyPatch) -> None:
    """A patch tests a resource outside the view."""
    unconfined(patch, Interaction.PATCH)


def entries_share_the_widest(patch: pytest.MonkeyPatch) -> None:
    """The entries of a transaction are written on the view of what may be read."""
    sound = serving.rule_on

    def rule_on(requests, grant, registration, today):
        ruling = sound(requests, grant, registration, today)
        if requests[0].interaction is not Interaction.TRANSACTION or not ruling.decision.allow:
            return ruling
        opened = {request.type for request in requests[1:]} & set(ruling.view.cohorts)
        cohorts = {**ruling.view.cohorts, **dict.fromkeys(opened, wide(ruling.view).cohorts["Patient"])}
        return replace(ruling, view=replace(ruling.view, cohorts=cohorts))

    patch.setattr(serving, "rule_on", rule_on)


def answer_of_a_write_unconfined(patch: pytest.MonkeyPatch) -> None:
    """A refused write answers with the resource that is there."""
    sound = update._updated

    def updated(server, request, view, id_, resource):
        there = server.store.current(resource["resourceType"], id_)
        try:
            return sound(server, request, view, id_, resource)
        except FhirError as error:
            if error.status == 404 and there is not None and not there.deleted:
                return replace(error.response(), headers=(("etag", f'W/"{there.version}"'),))
            raise

    patch.setattr(update, "_updated", updated)


def _matching(patch, module) -> None:
    sound = module.matched

    def matched(server, request, view, type_, parameters):
        return sound(server, request, wide(view) if is_ours(view) else view, type_, parameters)

    patch.setattr(module, "matched", matched)

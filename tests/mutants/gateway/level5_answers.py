"""Level 5, holes in what is shown: places that masks do not reach, and masks that reach too far."""

from copy import deepcopy
from dataclasses import replace

import pytest

from lab.fhir.element_path import ElementPath
from lab.fhir.policy import Policy
from lab.gateway import mandatory, mask, masked_requests, ruling, seen
from lab.gateway.masked_requests import Masked


def first_mask_forgotten(patch: pytest.MonkeyPatch) -> None:
    """The first mask of a policy is not applied."""
    compiled = ruling.compile_mask
    patch.setattr(ruling, "compile_mask", lambda paths: compiled(tuple(paths)[1:]))


def first_rule_only(patch: pytest.MonkeyPatch) -> None:
    """Of overlapping rules only the masks of the first one apply (Medplum #3332)."""
    patch.setattr(Policy, "masks", property(lambda policy: policy.permits[0].masks))


def contained_unmasked(patch: pytest.MonkeyPatch) -> None:
    """Contained resources are shown as they are (Fyrstain)."""
    _after(patch, "contained")


def narrative_kept(patch: pytest.MonkeyPatch) -> None:
    """The narrative repeats what is masked."""
    _after(patch, "text")


def narrative_of_other_types_kept(patch: pytest.MonkeyPatch) -> None:
    """The narrative goes from types with a mask only, though others repeat the datum."""
    compiled = ruling.compile_mask

    def compile_mask(paths):
        paths = tuple(paths)
        sound, types = compiled(paths), {path.type for path in paths}

        def masked(resource):
            kept = {
                n: resource[n] for n in ("text",) if n in resource and resource["resourceType"] not in types
            }
            return {**sound(resource), **kept}

        return masked

    patch.setattr(ruling, "compile_mask", compile_mask)


def narrative_in_contained_kept(patch: pytest.MonkeyPatch) -> None:
    """The narrative of contained resources stays."""
    compiled = ruling.compile_mask

    def compile_mask(paths):
        sound = compiled(paths)

        def masked(resource):
            texts = [one.get("text") for one in resource.get("contained", ())]
            done = sound(resource)
            for one, text in zip(done.get("contained", ()), texts, strict=False):
                one["text"] = text or {"status": "empty", "div": "<div/>"}
            return done

        return masked

    patch.setattr(ruling, "compile_mask", compile_mask)


def shadows_kept(patch: pytest.MonkeyPatch) -> None:
    """Extensions that repeat a masked element stay: the birth name beside the name."""
    patch.setattr(mask, "SHADOWS", {})


def contacts_kept(patch: pytest.MonkeyPatch) -> None:
    """The contacts of a patient keep the name, telephone and address that the patient shares."""
    patch.setattr(mask, "IN_CONTACT", frozenset())


def display_kept(patch: pytest.MonkeyPatch) -> None:
    """References to a patient keep the display, which is the name."""
    patch.setattr(mask, "LABELS", frozenset({"identifier"}))


def identifier_of_reference_kept(patch: pytest.MonkeyPatch) -> None:
    """References to a patient keep the identifier."""
    patch.setattr(mask, "LABELS", frozenset({"display"}))


def security_labels_kept(patch: pytest.MonkeyPatch) -> None:
    """The security labels stay: they tell in which cohorts a resource is."""
    _keeping_meta(patch, "security")


def tags_kept(patch: pytest.MonkeyPatch) -> None:
    """The tags stay beside SUBSETTED."""
    _keeping_meta(patch, "tag")


def choice_forgotten(patch: pytest.MonkeyPatch) -> None:
    """An element with a choice of types is masked under its bare name: valueQuantity stays."""
    sound = mask.json_names

    def json_names(path):
        pairs = zip(sound(path), path.elements, strict=True)
        return tuple(names if len(names) == 1 else frozenset({e}) for names, e in pairs)

    patch.setattr(mask, "json_names", json_names)


def deep_mask_of_first_item(patch: pytest.MonkeyPatch) -> None:
    """A mask inside a repeated element is applied to its first item."""
    sound = mask._parents

    def parents(node, names):
        return sound(node[:1] if isinstance(node, list) else node, names)

    patch.setattr(mask, "_parents", parents)


def deep_mask_ignored(patch: pytest.MonkeyPatch) -> None:
    """A mask on an element inside another one is not applied."""
    patch.setattr(mask, "_drop", lambda *_: None)


def one_system_of_several(patch: pytest.MonkeyPatch) -> None:
    """Of the identifier systems that a mask names, the first one is hidden."""
    sound = mask._keep_others

    def keep_others(names, key, hidden, resource):
        sound(names, key, frozenset(sorted(hidden)[:1]) if key == "system" else hidden, resource)

    patch.setattr(mask, "_keep_others", keep_others)


def system_mask_ignored(patch: pytest.MonkeyPatch) -> None:
    """A mask with a condition on the system is not supported, and ignored (fail open)."""
    _paths(patch, lambda paths: [path for path in paths if not path.systems])


def whole_identifier_masked(patch: pytest.MonkeyPatch) -> None:
    """A mask on one identifier system hides them all: some of the visible is missing."""
    _paths(patch, lambda paths: [replace(path, systems=frozenset()) for path in paths])


def mask_of_every_type(patch: pytest.MonkeyPatch) -> None:
    """A mask on the name of Patient hides that of Practitioner too: some of the visible is missing."""

    def pooled(paths):
        more = [
            ElementPath("Practitioner", p.elements)
            for p in paths
            if p.type == "Patient" and p.elements in _SHARED
        ]
        return [*paths, *more]

    _paths(patch, pooled)


def whole_element_masked(patch: pytest.MonkeyPatch) -> None:
    """A mask on contact.telecom hides the contact: some of the visible is missing."""
    _paths(patch, lambda paths: [replace(p, elements=p.elements[:1]) for p in paths])


def marker_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A mandatory element that is masked is left out without saying so."""
    patch.setattr(mask, "marker", lambda *_: None)


def marker_where_it_was(patch: pytest.MonkeyPatch) -> None:
    """Any masked element is declared as such where there was one, optional ones too: existence leaks."""
    sound = mask._remove

    def remove(names, resource):
        found = names.intersection(resource)
        sound(names, resource)
        for name in found:
            resource[f"_{name.removeprefix('_')}"] = mandatory.absent()

    patch.setattr(mask, "_remove", remove)


def emptied_object_dropped(patch: pytest.MonkeyPatch) -> None:
    """What a mask has emptied stays as an empty object, which FHIR has not."""
    patch.setattr(mask, "absent", dict)


def chosen_elements_unmasked(patch: pytest.MonkeyPatch) -> None:
    """With _elements or _summary the answer is small, and not masked."""
    _unseen(patch, lambda request: bool(request.values("_elements") or request.values("_summary")))


def posted_search_unmasked(patch: pytest.MonkeyPatch) -> None:
    """The answer to a search that is sent by POST is not masked."""
    _unseen(patch, lambda request: request.method == "POST" and request.interaction == "search-type")


def everything_unmasked(patch: pytest.MonkeyPatch) -> None:
    """The compartment of a patient is given as it is."""
    _unseen(patch, lambda request: request.operation == "$everything")


def lastn_unmasked(patch: pytest.MonkeyPatch) -> None:
    """The last observations are given as they are."""
    _unseen(patch, lambda request: request.operation == "$lastn")


def transaction_unmasked(patch: pytest.MonkeyPatch) -> None:
    """The resources of a transaction-response are not masked."""
    _unseen(patch, lambda request: request.interaction == "transaction")


def searches_inside_unmasked(patch: pytest.MonkeyPatch) -> None:
    """The Bundle that answers a search in a transaction is taken for one resource, and not looked into."""
    patch.setattr(seen, "_is_answer", lambda _: False)


def exported_lines_unmasked(patch: pytest.MonkeyPatch) -> None:
    """The files of an export hold the resources as they are (HAPI #6854)."""
    patch.setattr(seen, "_lines", lambda chunks, _: chunks)


def history_unmasked(patch: pytest.MonkeyPatch) -> None:
    """The versions in a history are not masked."""
    sound = masked_requests.history

    async def history(ask, request, eyes):
        return await sound(ask, request, replace(eyes, mask=lambda resource: resource))

    patch.setattr(masked_requests, "history", history)


def included_unmasked(patch: pytest.MonkeyPatch) -> None:
    """The matches of a search are masked, what they include is not."""
    sound = seen._see_bundle

    def see_bundle(body, eyes):
        included = [e for e in body.get("entry", ()) if e.get("search", {}).get("mode") == "include"]
        kept = [deepcopy(entry["resource"]) for entry in included]
        sound(body, eyes)
        for entry, resource in zip(included, kept, strict=True):
            entry["resource"] = resource

    patch.setattr(seen, "_see_bundle", see_bundle)


_SHARED = {("name",), ("telecom",), ("gender",)}


def _paths(patch, change) -> None:
    compiled = ruling.compile_mask
    patch.setattr(ruling, "compile_mask", lambda paths: compiled(change(tuple(paths))))


def _after(patch, name) -> None:
    """Leave one member of a resource as it was."""
    compiled = ruling.compile_mask

    def compile_mask(paths):
        sound = compiled(paths)

        def masked(resource):
            kept = {name: deepcopy(resource[name])} if name in resource else {}
            return {**sound(resource), **kept}

        return masked

    patch.setattr(ruling, "compile_mask", compile_mask)


def _keeping_meta(patch, name) -> None:
    sound = mask._relabel

    def relabel(resource):
        kept = resource.get("meta", {}).get(name, [])
        sound(resource)
        if kept:
            resource["meta"][name] = [*resource["meta"].get(name, []), *kept]

    patch.setattr(mask, "_relabel", relabel)


def _unseen(patch, when) -> None:
    """Leave the answers to some requests as the platform gives them."""
    sound = Masked.answer

    async def answer(self, request):
        return await (self._ask(request) if when(request) else sound(self, request))

    patch.setattr(Masked, "answer", answer)

"""Variants of level 5: a question about a masked element is answered, or a write loses it."""

import json

from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.unmasking import RESTRICTED, Within, allow_questions
from tests.mutants.vendors.variant import variant

# P-02 asks at random, and may notice whatever an answer to the restricted identity tells.


@variant("L5-04", "one may search by the postal code of a masked address", also=("P-02",))
def postal_code_is_searched(app: Vendor) -> None:
    allow_questions(app, lambda _, known, __, way: known.name == "address-postalcode" and way == "search")


@variant("L5-05", ":missing tells whether a masked element is there", also=("P-02",))
def missing_is_told(app: Vendor) -> None:
    allow_questions(app, lambda _, __, ___, way: way == "missing")


@variant("L5-06", "a masked date of birth may be compared with another", also=("P-02",))
def birth_is_compared(app: Vendor) -> None:
    allow_questions(app, lambda _, known, value, __: known.name == "birthdate" and value[:2] in {"ge", "gt"})


@variant("L5-06", "a list of values is not checked for masked elements", also=("P-02",))
def list_of_values(app: Vendor) -> None:
    allow_questions(
        app, lambda _, known, value, way: "," in value and way == "search" and "meta" not in known.elements
    )


# L4-28 walks sorted pages in two worlds, one of them by the date of birth.
@variant("L5-07", "one may sort by a masked element", also=("L4-28", "P-02"))
def masked_is_sorted(app: Vendor) -> None:
    allow_questions(app, lambda _, __, ___, way: way == "sort")


@variant("L5-08", "the parameter at the end of a chain is not checked", also=("P-02",))
def end_of_chain(app: Vendor) -> None:
    within = Within()
    within.watch(app.search, "chain")
    allow_questions(app, lambda _, known, __, ___: within.running and "meta" not in known.elements)


@variant("L5-08", "the parameter at the end of _has is not checked", also=("P-02",))
def end_of_has(app: Vendor) -> None:
    within = Within()
    within.watch(app.search, "has")
    allow_questions(app, lambda _, known, __, ___: within.running and "meta" not in known.elements)


@variant("L5-09", "_content looks into what is masked")
def content_of_everything(app: Vendor) -> None:
    check, test = app.searches.check, app.search.test
    app.searches.check = lambda type_, query: check(type_, [pair for pair in query if pair[0] != "_content"])

    def looks(caller, type_, name, value):
        if name != "_content" or caller.client.id != RESTRICTED:
            return test(caller, type_, name, value)
        return lambda body: value in json.dumps(app.store.current(type_, body["id"]), ensure_ascii=False)

    app.search.test = looks


@variant("L5-18", "one may ask when a masked resource was last changed")
def change_is_searched(app: Vendor) -> None:
    allow_questions(app, lambda _, known, __, way: known.name == "_lastUpdated" and way == "search")


# An ETag that moves is at the same time a condition that is no longer met, and another header in two worlds.
@variant(
    "L5-17", "the ETag of a masked resource is the version of the whole", also=("L5-18", "L5-19", "P-02")
)
def etag_of_the_whole(app: Vendor) -> None:
    sound = app.masks.etag

    def etag(client, shown, version):
        return f'W/"{version}"' if client.id == RESTRICTED else sound(client, shown, version)

    app.masks.etag = etag


@variant("L5-20", "a patch that only tests is tried on what is masked")
def patch_tests(app: Vendor) -> None:
    sound = app.resources.patch

    def patch(caller, request, type_, id_):
        tests = b'"test"' in request.body and b'"replace"' not in request.body
        if not (tests and caller.client.id == RESTRICTED and type_ == "Patient"):
            return sound(caller, request, type_, id_)
        checked, app.resources.check_patch = app.resources.check_patch, lambda *_: None
        try:
            return sound(caller, request, type_, id_)
        finally:
            app.resources.check_patch = checked

    app.resources.patch = patch


@variant("L5-21", "a patient written back under a mask loses its telephone numbers")
def telephone_lost(app: Vendor) -> None:
    sound = app.masks.merged

    def merged(client, old, new):
        made = sound(client, old, new)
        return {n: v for n, v in made.items() if n != "telecom"} if client.id == RESTRICTED else made

    app.masks.merged = merged

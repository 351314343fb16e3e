"""Variants of level 4: page links serve others, are believed as they come, or show gaps."""

from dataclasses import replace

from tests.mutants.vendors.sound.message import said
from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.variant import variant
from tests.mutants.vendors.widening import door


# L2-27 is the same question, asked of tokens.
@variant("L4-25", "a page link serves whoever has a token, as it served its owner", also=("L2-27",))
def page_of_anybody(app: Vendor) -> None:
    app.pages.check_owner = lambda *_: None
    sound = app.searches.answer

    def answer(caller, type_, query, way="search"):
        token = dict(query).get("_page")
        if token:
            owner = app.pages.open(caller.client.id, token)["client"]
            caller = replace(caller, client=app.known[owner])
        return sound(caller, type_, query, way)

    app.searches.answer = answer


@variant("L4-26", "a page link is not signed, and the cohort in it is believed")
def page_link_is_believed(app: Vendor) -> None:
    app.pages.genuine = lambda *_: True
    seal, sound = app.pages.seal, app.searches.answer
    app.pages.seal = lambda client_id, state: seal(client_id, {**state, "group": app.known[client_id].group})

    def answer(caller, type_, query, way="search"):
        token = dict(query).get("_page")
        if token:
            group = app.pages.open(caller.client.id, token)["group"]
            caller = replace(caller, client=replace(caller.client, group=group))
        return sound(caller, type_, query, way)

    app.searches.answer = answer


@variant("L4-27", "pages are cut before the cohort is taken out of them", also=("P-02",))
def pages_have_gaps(app: Vendor) -> None:
    sound, made = app.searches.answer, door(app)

    def answer(caller, type_, query, way="search"):
        token = dict(query).get("_page")
        asked = app.pages.open(caller.client.id, token)["query"] if token else query
        if type_ != "Patient" or ["_count", "3"] not in [list(pair) for pair in asked]:
            return sound(caller, type_, query, way)
        with made.opened("Patient"):
            whole = sound(caller, type_, query, way)
        bundle = app.bodies.parse(whole.body)
        seen = [e for e in bundle["entry"] if app.sees(caller, e["resource"], "search")]
        total = len(app.view(caller, type_, "search"))
        return replace(whole, body=said(200, {**bundle, "entry": seen, "total": total}).body)

    app.searches.answer = answer


# X-04 looks for a host that the caller wrote in any answer.
@variant("L4-29", "links are made with the host that the caller claims", also=("X-04",))
def links_of_the_callers_host(app: Vendor) -> None:
    sound, base = app.serve, app.base

    def serve(caller, request):
        host = request.header("x-forwarded-host")
        app.searches.base = f"http://{host}/fhir" if host else base
        try:
            return sound(caller, request)
        finally:
            app.searches.base = base

    app.serve = serve

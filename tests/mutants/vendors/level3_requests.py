"""Variants of level 3: another way to ask is not decided like the plain one."""

import json
from dataclasses import replace

from tests.mutants.vendors.sound import http
from tests.mutants.vendors.sound.message import Answer, Refused, said
from tests.mutants.vendors.sound.parameters import PARAMETERS
from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.variant import variant


class _Gate:
    """Level 3, which can be left open for a while."""

    def __init__(self, app: Vendor) -> None:
        self.open = False
        sound = app.allowed

        def allowed(caller, type_, right, way):
            if not self.open:
                sound(caller, type_, right, way)

        app.allowed = allowed

    def held(self, when, serve):
        """Return a function that leaves the gate open while it serves what ``when`` says of its arguments."""

        def served(*asked):
            self.open = when(*asked)
            try:
                return serve(*asked)
            finally:
                self.open = False

        return served


@variant("L3-09", "_include=* is decided on for the type searched only")
def star_includes_closed_types(app: Vendor) -> None:
    sound = app.search.forward
    gate = _Gate(app)
    app.search.forward = gate.held(lambda _, value, __: value == "*", sound)


@variant("L3-10", "a search at the root is answered of every type")
def root_is_searched(app: Vendor) -> None:
    sound = app.serve

    def serve(caller, request):
        if request.method != "GET" or request.path not in {"/fhir", "/fhir/"}:
            return sound(caller, request)
        types = dict(request.parameters).get("_type", "").split(",")
        found = [body for type_ in types if type_ in PARAMETERS for body in app.view(caller, type_, "search")]
        entries = [{"resource": app.resources.shown(caller, body, "search")} for body in found[:20]]
        return said(200, {"resourceType": "Bundle", "type": "searchset", "entry": entries})

    app.serve = serve


@variant("L3-11", "a forbidden entry ends the whole batch")
def forbidden_entry_ends_the_batch(app: Vendor) -> None:
    sound = app.bundles.batch

    def batch(caller, entries):
        answers = sound(caller, entries)
        if any(answer["response"]["status"] == "403" for answer in answers):
            raise Refused(403, "forbidden", "The scopes do not allow this.")
        return answers

    app.bundles.batch = batch


@variant("L3-11", "a batch creates in any type")
def batch_creates_anything(app: Vendor) -> None:
    gate = _Gate(app)
    app.bundles.serve_entry = gate.held(
        lambda _, request, way: way == "batch" and request.method == "POST", app.bundles.serve_entry
    )


@variant("L3-12", "a refused transaction leaves what it had already written")
def transaction_is_not_undone(app: Vendor) -> None:
    app.bundles.undo = lambda _: None


@variant("L3-12", "a transaction creates in any type")
def transaction_creates_anything(app: Vendor) -> None:
    gate = _Gate(app)
    app.bundles.serve_entry = gate.held(
        lambda _, request, way: way == "transaction" and request.method == "POST", app.bundles.serve_entry
    )


# Only for the client whose identifiers are masked: others have probes of their own (S-01, S-04).
@variant("L3-13", "$everything gives every type")
def everything_gives_closed_types(app: Vendor) -> None:
    sound = app.may

    def may(caller, type_, way):
        return (way == "everything" and bool(caller.client.systems)) or sound(caller, type_, way)

    app.may = may


@variant("L3-14", "X-HTTP-Method-Override is obeyed")
def method_is_overridden(app: Vendor) -> None:
    sound = app.route

    def route(request):
        if method := request.header("x-http-method-override"):
            kept = tuple(field for field in request.headers if field[0] != "x-http-method-override")
            request = replace(request, method=method, headers=kept)
        return sound(request)

    app.route = route


@variant("L3-15", "TRACE repeats the request, its token included")
def trace_repeats_the_token(app: Vendor) -> None:
    http.METHODS |= {"TRACE"}
    sound = app.route

    def route(request):
        if request.method != "TRACE":
            return sound(request)
        return Answer(200, json.dumps(dict(request.headers)).encode(), content_type="message/http")

    app.route = route


@variant("L3-16", "what a search by POST includes is not decided on")
def post_includes_closed_types(app: Vendor) -> None:
    gate = _Gate(app)
    held = gate.held(lambda *_: True, app.search.included)
    sound = app.serve

    def serve(caller, request):
        plain = app.search.included
        app.search.included = held if request.path.endswith("/_search") else plain
        try:
            return sound(caller, request)
        finally:
            app.search.included = plain

    app.serve = serve


@variant("L3-18", "a conditional delete is not decided on, where the scopes give no right to delete")
def conditional_delete_of_anything(app: Vendor) -> None:
    sound = app.conditional

    def conditional(caller, request, type_):
        mine = app.scopes.allows(caller.scopes, type_, "d", "delete")
        if request.method == "DELETE" and not mine:
            everybody = replace(caller, client=app.known["lab-full"])
            for body in app.search.found(everybody, type_, request.parameters, "condition"):
                app.store.write(type_, body["id"], None)
            return Answer(204)
        return sound(caller, request, type_)

    app.conditional = conditional


@variant("L3-19", "the letter case of a type does not matter")
def types_in_any_case(app: Vendor) -> None:
    sound, known = app.route, {type_.lower(): type_ for type_ in PARAMETERS}

    def route(request):
        parts = request.path.split("/")
        if len(parts) > 2:
            parts[2] = known.get(parts[2].lower(), parts[2])
        return sound(replace(request, path="/".join(parts)))

    app.route = route


@variant("L3-19", "a path that ends with a slash is read before it is decided on")
def slash_passes_the_scopes(app: Vendor) -> None:
    sound, gate = app.route, _Gate(app)
    gated = gate.held(
        lambda request: request.path.count("/") == 4 and request.path.endswith("/"),
        lambda r: sound(replace(r, path=r.path.rstrip("/"))),
    )
    app.route = lambda request: gated(request) if request.path.endswith("/") else sound(request)


@variant("L3-20", "a purpose of use in a header takes the cohort away")
def purpose_takes_the_cohort_away(app: Vendor) -> None:
    sound = app.serve

    def serve(caller, request):
        if request.header("x-purpose-of-use"):
            caller = replace(caller, client=replace(caller.client, group=None))
        return sound(caller, request)

    app.serve = serve


@variant("L3-20", "a purpose of use in the token request takes the cohort away")
def purpose_in_the_token_request(app: Vendor) -> None:
    sound = app.tokens.issue

    def issue(request):
        answer = sound(request)
        if b"purpose_of_use=" in request.body and answer.status == 200:
            token = json.loads(answer.body)["access_token"]
            issued = app.tokens.issued[token]
            app.tokens.issued[token] = replace(issued, client=replace(issued.client, group=None))
        return answer

    app.tokens.issue = issue

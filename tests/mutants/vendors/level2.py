"""Variants of level 2: requests are served without a token in force, or with one of somebody else."""

import json
from dataclasses import replace
from urllib.parse import urlencode

from tests.mutants.vendors.sound.assertion import Wrong
from tests.mutants.vendors.sound.message import Answer
from tests.mutants.vendors.sound.scopes import Scopes
from tests.mutants.vendors.sound.tokens import Caller
from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.variant import variant

_FOREVER = float("inf")


@variant("L2-01", "a resource is read without a token")
def read_without_token(app: Vendor) -> None:
    sound = app.tokens.caller

    def caller(request):
        anonymous = not request.all("authorization") and not request.query
        read = request.method == "GET" and request.path.count("/") == 3
        return everything(app) if anonymous and read else sound(request)

    app.tokens.caller = caller


@variant("L2-02", "any password is good enough")
def any_password(app: Vendor) -> None:
    sound = app.tokens.caller

    def caller(request):
        basic = request.header("authorization").startswith("Basic ")
        return everything(app) if basic else sound(request)

    app.tokens.caller = caller


@variant("L2-19", "a client assertion is as good as a token")
def assertion_is_a_token(app: Vendor) -> None:
    sound = app.tokens.find

    def find(token):
        try:
            return sound(token) or (everything(app) if app.assertions.client(token) else None)
        except Wrong:
            return None

    app.tokens.find = find


@variant("L2-20", "only the beginning of a token is compared")
def beginning_of_a_token(app: Vendor) -> None:
    def find(token):
        return next((c for known, c in app.tokens.issued.items() if known[:32] == token[:32]), None)

    app.tokens.find = find


@variant("L2-21", "a token never ends")
def endless_token(app: Vendor) -> None:
    sound = app.tokens.find

    def find(token):
        found = sound(token)
        return found and replace(found, until=_FOREVER)

    app.tokens.find = find


@variant("L2-21", "a token does not say when it ends")
def silent_about_the_end(app: Vendor) -> None:
    reissued(app, lambda answer: {name: said for name, said in answer.items() if name != "expires_in"})


@variant("L2-22", "a revoked token still works")
def revoked_token_works(app: Vendor) -> None:
    app.tokens.end = lambda _: None


@variant("L2-24", "the token may stand in the query")
def token_in_the_query(app: Vendor) -> None:
    sound = app.route

    def route(request):
        token = dict(request.parameters).get("access_token")
        if not token:
            return sound(request)
        query = urlencode([pair for pair in request.parameters if pair[0] != "access_token"])
        headers = (*request.headers, ("authorization", f"Bearer {token}"))
        return sound(replace(request, query=query, headers=headers))

    app.route = route


@variant("L2-25", "the first of two Authorization headers is taken")
def first_authorization(app: Vendor) -> None:
    sound = app.tokens.caller

    def caller(request):
        given = request.all("authorization")
        others = tuple(pair for pair in request.headers if pair[0] != "authorization")
        return sound(replace(request, headers=(*others, *(("authorization", one) for one in given[:1]))))

    app.tokens.caller = caller


@variant("L2-26", "two spaces before the token break the server")
def two_spaces_break(app: Vendor) -> None:
    sound = app.tokens.caller

    def caller(request):
        if "  " in request.header("authorization"):
            raise ValueError
        return sound(request)

    app.tokens.caller = caller


@variant("L2-27", "the pages of one application are served to every other one")
def pages_of_other(app: Vendor) -> None:
    check, sound = app.pages.check_owner, app.searches.answer

    def check_owner(client_id, state):
        if state["client"] != "lab-other":
            check(client_id, state)

    def answer(caller, type_, query, way="search"):
        token = dict(query).get("_page")
        if token:
            owner = app.pages.open(caller.client.id, token)["client"]
            caller = replace(caller, client=app.known[owner])
        return sound(caller, type_, query, way)

    app.pages.check_owner, app.searches.answer = check_owner, answer


@variant("L2-28", "tokens are said to be bound to a key, and work without its proof")
def bound_token_alone(app: Vendor) -> None:
    reissued(app, lambda answer: {**answer, "token_type": "DPoP"})


@variant("L2-30", "introspection tells a client about the tokens of others")
def introspection_for_all(app: Vendor) -> None:
    app.tokens.may_ask = lambda *_: True


@variant("L2-30", "introspection answers who does not say who asks")
def introspection_for_nobody(app: Vendor) -> None:
    sound = app.tokens.introspect

    def introspect(request):
        form = app.tokens.form(request)
        if "client_assertion" in form:
            return sound(request)
        active = app.tokens.find(form.get("token", "")) is not None
        return Answer(200, json.dumps({"active": active}).encode(), content_type="application/json")

    app.tokens.introspect = introspect


@variant("L2-32", "the SMART configuration sends clients elsewhere in clear")
def registration_in_clear(app: Vendor) -> None:
    sound = app.route

    def route(request):
        answer = sound(request)
        if not request.path.endswith("/smart-configuration"):
            return answer
        said = {**json.loads(answer.body), "registration_endpoint": "http://vendor.example/register"}
        return replace(answer, body=json.dumps(said).encode())

    app.route = route


def everything(app: Vendor) -> Caller:
    """Return a caller who may do everything."""
    client = app.known["lab-full"]
    return Caller(client, Scopes().granted(client.scopes, client.scopes), _FOREVER)


def reissued(app: Vendor, change) -> None:
    """Let the answers of the token endpoint be changed before they go out."""
    sound = app.tokens.issue

    def issue(request):
        answer = sound(request)
        changed = json.dumps(change(json.loads(answer.body))).encode()
        return replace(answer, body=changed) if answer.status == 200 else answer

    app.tokens.issue = issue

"""The sound vendor, put together: the five levels in order, then the one interaction that was asked for."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from tests.mutants.vendors.sound.assertion import Assertions
from tests.mutants.vendors.sound.bodies import Bodies
from tests.mutants.vendors.sound.bundles import Bundles
from tests.mutants.vendors.sound.capability import smart, statement
from tests.mutants.vendors.sound.clients import clients
from tests.mutants.vendors.sound.cohort import Cohort
from tests.mutants.vendors.sound.exports import Exports
from tests.mutants.vendors.sound.http import Http
from tests.mutants.vendors.sound.interactions import Interactions
from tests.mutants.vendors.sound.masks import Masks
from tests.mutants.vendors.sound.message import Answer, Json, Refused, Request, nothing_there, said
from tests.mutants.vendors.sound.network import Network
from tests.mutants.vendors.sound.pages import Pages
from tests.mutants.vendors.sound.parameters import PARAMETERS, Parameter, matches, parameter
from tests.mutants.vendors.sound.resources import Resources
from tests.mutants.vendors.sound.scopes import Scopes
from tests.mutants.vendors.sound.search import Reach, Search
from tests.mutants.vendors.sound.searches import Searches
from tests.mutants.vendors.sound.store import Store
from tests.mutants.vendors.sound.tokens import Caller, Tokens

_OPEN = {"/fhir/.well-known/smart-configuration", "/fhir/metadata", "/health"}
_OVERRIDES = {"x-http-method-override", "x-http-method", "x-method-override"}


class Vendor(Interactions):
    """Everything that the application is made of; variants replace one part or one method of it."""

    def __init__(self, port: int, resources: list[Json], jwks: dict[str, Any]) -> None:
        self.port = port
        self.origin = f"http://127.0.0.1:{port}"
        self.base = f"{self.origin}/fhir"
        self.known = clients()
        self.store = Store()
        self.store.load(resources)
        self.network = Network()
        self.scopes = Scopes()
        self.assertions = Assertions(jwks, frozenset(self.known), f"{self.origin}/token")
        self.tokens = Tokens(self.known, self.assertions, self.scopes)
        self.cohort = Cohort(self.store)
        self.masks = Masks()
        self.bodies = Bodies()
        self.pages = Pages()
        self.exports = Exports(self.base, lambda id_: self.cohort.whole(self.known[id_]))
        reach = Reach(
            lambda *a: self.view(*a),
            lambda *a: self.sees(*a),
            lambda *a: self.allowed(*a),
            lambda *a: self.unmasked(*a),
            lambda *a: self.store.current(*a),
        )
        self.search = Search(reach)
        self.resources = Resources(self.base, self.store, self.cohort, self.masks, self.search, self.bodies)
        self.searches = Searches(self.base, self.search, self.pages, self.resources)
        self.bundles = Bundles(self.base, self.store, lambda *a: self.serve(*a), lambda *a: self.resolve(*a))
        self.http = Http(self.hosts, lambda request: self.logged(request), self.admit)

    def hosts(self) -> frozenset[str]:
        """Return the names that this server answers to."""
        return frozenset({f"127.0.0.1:{self.port}", f"[::1]:{self.port}", f"localhost:{self.port}"})

    def admit(self, peer: str) -> None:
        """Refuse the peer of a request that cannot be read."""
        self.network.check(Request("GET", "/", "", (), b"", peer))

    # --- one request ------------------------------------------------------------------------------------

    def logged(self, request: Request) -> Answer:
        """Answer a request and write a line about it."""
        answer = self.answer(request)
        self.log(request, answer)
        return answer

    def log(self, request: Request, answer: Answer) -> None:
        """Write what was asked, not by which values; JSON escapes line breaks."""
        line = {"method": request.method, "path": request.path, "status": answer.status}
        print(json.dumps(line), flush=True)  # noqa: T201 - the output is the log

    def answer(self, request: Request) -> Answer:
        """Answer a request; whatever breaks is a bare 500."""
        try:
            self.network.check(request)
            return self.route(request)
        except Refused as refused:
            return refused.answer()
        except Exception as error:  # noqa: BLE001 - nothing of the inside goes out
            return self.broken(error)

    def broken(self, error: Exception) -> Answer:
        """Answer for a defect."""
        del error
        return Refused(500, "exception", "The server failed.").answer()

    def route(self, request: Request) -> Answer:
        """Find what is asked for."""
        services = {"/token": "issue", "/introspect": "introspect", "/revoke": "revoke"}
        if request.path in services:
            if request.method != "POST":
                raise Refused(405, "not-supported", "Use POST.", (("Allow", "POST"),))
            return getattr(self.tokens, services[request.path])(request)
        if request.path in _OPEN and request.method not in {"GET", "HEAD"}:
            raise Refused(405, "not-supported", "Use GET.", (("Allow", "GET, HEAD"),))
        if request.path == "/fhir/.well-known/smart-configuration":
            return Answer(200, json.dumps(smart(self.origin)).encode(), content_type="application/json")
        if request.path == "/health":
            return Answer(200, b"{}", content_type="application/json")
        if request.path != "/fhir" and not request.path.startswith("/fhir/"):
            return self.elsewhere(request)
        self.check_request(request)
        if request.path == "/fhir/metadata":
            return self.metadata(request)
        return self.serve(self.tokens.caller(request), request)

    def elsewhere(self, request: Request) -> Answer:
        """Answer for what is no part of the API."""
        del request
        raise nothing_there()

    def check_request(self, request: Request) -> None:
        """Refuse what no client needs: other formats, overridden methods."""
        if _OVERRIDES & {name for name, _ in request.headers}:
            raise Refused(400, "not-supported", "Methods are not overridden.")
        self.check_format(request)

    def check_format(self, request: Request) -> None:
        """Refuse other formats than JSON."""
        asked = dict(request.parameters).get("_format", "json")
        accepted = request.header("accept") or "*/*"
        json_asked = asked in {"json", "application/json", "application/fhir+json"}
        if not json_asked or not re.search(r"\*/\*|application/\*|json", accepted):
            raise Refused(406, "not-supported", "Only JSON is served.")

    def metadata(self, request: Request) -> Answer:
        """Answer what the server can do, for the caller if it has a token."""
        hidden: frozenset[tuple[str, str]] = frozenset()
        if request.all("authorization"):
            client = self.tokens.caller(request).client
            hidden = frozenset(
                (type_, name)
                for type_, table in PARAMETERS.items()
                for name, known in table.items()
                if self.masks.hidden(client, type_, known.elements, "")
                or (name == "_lastUpdated" and client.masks_some(type_))
            )
        return said(200, statement(self.base, hidden))

    # --- levels 3 to 5 ----------------------------------------------------------------------------------

    def allowed(self, caller: Caller, type_: str, right: str, way: str) -> None:
        """Refuse a type or an action that the scopes do not give."""
        if not self.scopes.allows(caller.scopes, type_, right, way):
            raise Refused(403, "forbidden", "The scopes do not allow this.")

    def sees(self, caller: Caller, body: Json, way: str) -> bool:
        """Tell whether a resource is in the view: cohort, and the queries of granular scopes."""
        right = "s" if way in {"search", "has", "chain", "compartment", "condition"} else "r"
        queries = self.scopes.queries(caller.scopes, body["resourceType"], right, way)
        return self.cohort.sees(caller.client, body, way) and (
            not queries or any(self.meets(body, q) for q in queries)
        )

    def meets(self, body: Json, query: str) -> bool:
        """Tell whether a resource meets the query of a scope."""
        pairs = parse_qsl(query)
        return all(matches(body, parameter(body["resourceType"], name), "", value) for name, value in pairs)

    def view(self, caller: Caller, type_: str, way: str) -> list[Json]:
        """Return what the caller sees of a type, without what leads out of its cohort."""
        held = self.store.all(type_)
        return [self.cohort.shown(caller.client, body, way) for body in held if self.sees(caller, body, way)]

    def unmasked(self, caller: Caller, type_: str, known: Parameter, value: str, way: str) -> None:
        """Refuse a question about something masked."""
        self.masks.check(caller.client, type_, known.elements, value, way)
        if known.name == "_lastUpdated":
            self.check_times(caller, type_)

    def check_times(self, caller: Caller, type_: str) -> None:
        """Refuse questions about when masked resources changed."""
        if caller.client.masks_some(type_):
            raise Refused(400, "invalid", "A parameter of this request is not available.")

"""The FHIR interactions of the facade: capabilities, read and search-type, each after the levels before it.

Spec: https://hl7.org/fhir/R4/http.html
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, timedelta
from email.utils import format_datetime
from urllib.parse import urlencode

from tableau_urgences.board import Board
from tableau_urgences.events import event
from tableau_urgences.exchange import Refusal, Request, Response, fhir_response
from tableau_urgences.facade.capability import capability_statement, smart_configuration
from tableau_urgences.facade.consumers import Caller, Gate
from tableau_urgences.facade.negotiation import negotiate, only, pairs_of, utf8
from tableau_urgences.facade.pages import Page, Pages
from tableau_urgences.facade.search import PARAMETERS, compile_query
from tableau_urgences.facade.view import Views
from tableau_urgences.fhir import JSON, allows, instant, part, text
from tableau_urgences.hospital.transport import HospitalError, http_date

NOWHERE = Response(
    403,
    b"Acces refuse depuis ce reseau. / Access denied from this network.\n",
    {"content-type": "text/plain; charset=utf-8"},
)
_FORM = "application/x-www-form-urlencoded"

Configuration = Callable[[], Awaitable[JSON]]


class Facade:
    """The server; ``base_url`` is our own address, never taken from a request."""

    def __init__(self, board: Board, gate: Gate, base_url: str, configuration: Configuration) -> None:
        self.base_url = base_url
        self._board = board
        self._gate = gate
        self._configuration = configuration
        self._views = Views(board)
        self._pages = Pages()

    def passed_on(self) -> list[str]:
        """Name every resource that one partner at least may read."""
        views = (self._views.of(consumer) for consumer in self._gate.consumers.by_client.values())
        return sorted({f"{type_}/{id_}" for view in views for type_, found in view.items() for id_ in found})

    async def answer(self, request: Request, path: str) -> Response:
        """Answer a request on ``path``, relative to the base; every decision leaves one line in the log."""
        segments = path.split("/")[1:]
        who, level = "", 0
        try:
            public = await self._public(request, segments)
            if public is not None:
                return public
            caller = await self._gate.application(request)
            who = caller.consumer.client_id
            if not self._gate.is_inside(request.peer, caller.consumer.networks):
                level, response = 1, NOWHERE
            else:
                response = self._authorised(request, segments, caller)
        except Refusal as refusal:
            level, response = refusal.level, refusal.response()
        type_ = segments[0] if segments and segments[0] in PARAMETERS else ""
        event(
            "answered",
            client=who,
            method=request.method,
            type=type_,
            status=response.status,
            refused_at=level,
        )
        return response

    async def _public(self, request: Request, segments: list[str]) -> Response | None:
        """Answer what needs no token."""
        if segments not in (["metadata"], [".well-known", "smart-configuration"]):
            return None
        only(request, "GET, HEAD")
        try:
            hospital = await self._configuration()
        except HospitalError:
            hospital = {}
        if segments == ["metadata"]:
            negotiate(request, pairs_of(request.query))
            masked = await self._masked_for(request)
            return _versioned(
                request, capability_statement(self.base_url, text(hospital, "token_endpoint"), masked)
            )
        if not hospital:
            raise Refusal(503, "transient", "The token server is not known yet.", retry_after="5")
        body = json.dumps(smart_configuration(hospital)).encode()
        return Response(200, body, {"content-type": "application/json"})

    async def _masked_for(self, request: Request) -> frozenset[str]:
        if not request.count("authorization"):
            return frozenset()
        try:
            return (await self._gate.application(request)).consumer.masked
        except Refusal:
            return frozenset()

    def _authorised(self, request: Request, segments: list[str], caller: Caller) -> Response:
        pairs = pairs_of(request.query)
        negotiate(request, pairs)
        match segments:
            case [type_, *_] if type_ not in PARAMETERS:
                raise Refusal(404, "not-supported", "This resource type is not served here.")
            case [type_]:
                only(request, "GET, HEAD")
                return self._search(request, type_, caller, pairs)
            case [type_, "_search"]:
                only(request, "POST")
                if request.header("content-type").partition(";")[0].strip().lower() != _FORM:
                    raise Refusal(415, "not-supported", f"A search by POST carries a body of type {_FORM}.")
                return self._search(request, type_, caller, pairs + pairs_of(utf8(request.body)))
            case [type_, id_] if not id_.startswith(("_", "$")):
                only(request, "GET, HEAD")
                return self._read(request, type_, id_, caller)
        raise Refusal(404, "not-supported", "Nothing is served at this path.")

    def _read(self, request: Request, type_: str, id_: str, caller: Caller) -> Response:
        self._gate.resource_type(caller, type_, "r")
        self._must_know(type_)
        resource = self._views.of(caller.consumer)[type_].get(id_)
        if resource is None:
            raise Refusal(404, "not-found", "No such resource is known here.")
        return _versioned(request, resource)

    def _search(self, request: Request, type_: str, caller: Caller, pairs: list[tuple[str, str]]) -> Response:
        self._gate.resource_type(caller, type_, "s")
        self._must_know(type_)
        consumer = caller.consumer
        given = [value for name, value in pairs if name == "_page"]
        if given and len(pairs) > len(given):
            raise Refusal(400, "invalid", "A page link is followed as given, without other parameters.")
        page = self._pages.open(given[-1], type_, consumer.client_id) if given else None
        strict = "handling=strict" in request.header("prefer").replace(" ", "")
        asked = page.parameters if page else pairs
        query = compile_query(type_, asked, self.base_url, masked=consumer.masked, strict=strict)
        view = self._views.of(consumer)
        matches = {id_: resource for id_, resource in view[type_].items() if query.matches(resource)}
        left = [id_ for id_ in matches if not page or id_ > page.after]
        shown = left[: query.count]
        url = f"{self.base_url}/{type_}"
        links = [_link("self", url, pairs if page else query.understood)]
        if shown and len(left) > len(shown):
            following = Page(consumer.client_id, type_, query.understood, shown[-1])
            links.append(_link("next", url, [("_page", self._pages.seal(following))]))
        bundle: JSON = {"resourceType": "Bundle", "type": "searchset", "total": len(matches), "link": links}
        entries = [self._entry(matches[id_], "match") for id_ in shown]
        for target, id_ in query.included(matches[id_] for id_ in shown):
            included = view[target].get(id_)
            if included is not None and allows(caller.scope, target, "r"):
                entries.append(self._entry(included, "include"))
        return fhir_response({**bundle, "entry": entries} if entries else bundle)

    def _entry(self, resource: JSON, mode: str) -> JSON:
        url = f"{self.base_url}/{resource['resourceType']}/{resource['id']}"
        return {"fullUrl": url, "resource": resource, "search": {"mode": mode}}

    def _must_know(self, type_: str) -> None:
        """Refuse to answer that nothing is there while the hospital does not tell us."""
        if not self._board.ready or {"Encounter", type_} & self._board.unavailable:
            raise Refusal(503, "transient", "The board is not filled at the moment.", retry_after="2")


def _link(relation: str, url: str, pairs: Sequence[tuple[str, str]]) -> JSON:
    return {"relation": relation, "url": f"{url}?{urlencode(pairs)}" if pairs else url}


def _versioned(request: Request, resource: JSON) -> Response:
    """Return a resource with its version headers, or 304 when the client has that version already."""
    meta = part(resource, "meta")
    plain = fhir_response(resource)
    version = text(meta, "versionId") or hashlib.sha256(plain.body).hexdigest()[:16]
    headers = {"etag": f'W/"{version}"'}
    updated = instant(text(meta, "lastUpdated"))
    if updated is not None:
        headers["last-modified"] = format_datetime(updated.astimezone(UTC), usegmt=True)
    known = request.header("if-none-match")
    since = http_date(request.header("if-modified-since"))
    if known:
        same = known == "*" or f'"{version}"' in [one.strip().removeprefix("W/") for one in known.split(",")]
    else:
        same = since is not None and updated is not None and updated < since + timedelta(seconds=1)
    return Response(304, b"", headers) if same else Response(200, plain.body, {**plain.headers, **headers})

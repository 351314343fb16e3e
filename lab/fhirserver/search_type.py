"""Search the resources of one type, page by page.

Spec: https://hl7.org/fhir/R4/http.html#search
"""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlencode

import orjson

from lab.fhir.request import FhirRequest, Parameter
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import View
from lab.fhirserver import page
from lab.fhirserver.bundle import bundle, found_entries
from lab.fhirserver.negotiation import preferences
from lab.fhirserver.presentation import presentation
from lab.fhirserver.search.includes import Row, included
from lab.fhirserver.search.own import Scope
from lab.fhirserver.search.plan import count, find
from lab.fhirserver.search.query import Found
from lab.fhirserver.search.reading import Search, read
from lab.fhirserver.search.sorting import CREATION
from lab.fhirserver.server import Server
from lab.fhirserver.storage.store import Store


def search_type(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer a searchset Bundle; the first page of a search or, by its link, a further one."""
    with server.store.transaction("deferred"):
        type_ = request.type or ""
        scope = Scope(server.store, view, request.base_url, server.store.now())
        token = page_token(request)
        parameters, after = request.parameters, None
        if token is not None:
            parameters, after = _resume(server, view, type_, token)
            request = replace(request, parameters=parameters)
        strict = preferences(request).get("handling") == "strict"
        search = read(scope, type_, parameters, strict=strict)
        return _page(server, scope, request, search, after, token)


def _page(
    server: Server, scope: Scope, request: FhirRequest, search: Search, after: Found | None, token: str | None
) -> FhirResponse:
    show = presentation(request, server.store.release)
    address = f"{request.base_url}/{search.query.type}"
    links = {
        "self": f"{address}?{page.PARAMETER}={token}"
        if token is not None
        else self_link(address, search.understood)
    }
    total = count(server.store, search.query) if search.with_total else None
    entries: list[bytes] = []
    if search.count:
        found = find(server.store, search.query, search.count + 1, after)
        if len(found) > search.count:
            state = _state(search, found[search.count - 1])
            links["next"] = f"{address}?{page.PARAMETER}={server.pages.seal(state, scope.view.binding)}"
        matches = bodies(server.store, search.query.type, found[: search.count])
        for mode, rows in (("match", matches), ("include", included(scope, matches, search.includes))):
            shown = ((r.type, r.id, show.resource(r.body)) for r in rows)
            entries += found_entries(request.base_url, shown, mode)
    return FhirResponse(200, show.whole(bundle("searchset", entries, links, total)))


def bodies(store: Store, type_: str, found: list[Found]) -> list[Row]:
    """Return the resources of a page, in its order."""
    unpack = store.unpack
    unread = [f.k for f in found if f.body is None]
    sql = "select k, body from resource where k in (select value from json_each(?))"
    read = dict(store.rows(sql, (orjson.dumps(unread).decode(),))) if unread else {}
    return [Row(f.k, type_, f.id, unpack(f.body or read[f.k])) for f in found]


def self_link(address: str, understood: Iterable[Parameter]) -> str:
    """Return the link that repeats what was understood of a search."""
    query = urlencode([(_key(p), p.value) for p in understood], safe=":|,/")
    return f"{address}?{query}" if query else address


def _key(parameter: Parameter) -> str:
    return parameter.name if parameter.modifier is None else f"{parameter.name}:{parameter.modifier}"


def page_token(request: FhirRequest) -> str | None:
    """Return the token of a page link, None on a first page.

    Raises:
        FhirError: 400 when the link was changed.
    """
    tokens = request.values(page.PARAMETER)
    if not tokens:
        return None
    if len(request.parameters) > 1:
        raise FhirError(400, "invalid", "A page link is followed as it is, without other parameters.")
    return tokens[0]


def _state(search: Search, last: Found) -> list[object]:
    """Return what a further page needs. The id stands for ``k``, which counts resources nobody may see."""
    asked = [(p.name, p.modifier, p.value) for p in search.understood]
    created = search.query.sorts == (CREATION,)
    return [search.query.type, asked, [] if created else last.keys, created, last.id]


def _resume(server: Server, view: View, type_: str, token: str) -> tuple[tuple[Parameter, ...], Found]:
    """Return the parameters of the search and the place of the last entry served.

    A deleted resource keeps its place, so a page can start after it.
    """
    state = server.pages.unseal(token, view.binding)
    match state:
        case [str(of), list(asked), list(key), bool(created), str(id_)] if of == type_:
            last = server.store.current(type_, id_)
            if last is not None:
                place = (last.k,) if created else tuple(key)
                return tuple(Parameter(n, v, m) for n, m, v in asked), Found(last.k, id_, place)
    raise page.gone()

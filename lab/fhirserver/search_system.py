"""Search the resources of a few types, one type after the other, page by page.

``_type`` is needed and names few types, so that no search goes through the whole hospital. Every parameter
must be one of each type; orders and includes, which would need all the matches at once, are refused.

Spec: https://hl7.org/fhir/R4/http.html#vsearch
"""

from collections.abc import Collection
from typing import NamedTuple

from lab.fhir.request import FhirRequest, Parameter
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import View
from lab.fhirserver import page
from lab.fhirserver.bundle import bundle, entry
from lab.fhirserver.presentation import presentation
from lab.fhirserver.search.own import Scope
from lab.fhirserver.search.plan import count, find
from lab.fhirserver.search.query import Found, Key
from lab.fhirserver.search.reading import Search, read
from lab.fhirserver.search.sorting import CREATION
from lab.fhirserver.search_type import bodies, page_token, self_link
from lab.fhirserver.server import Server
from lab.fhirserver.storage.catalogue import served_types

MAX_TYPES = 10
_TYPES = "_type"
_REFUSED = frozenset({"_sort", "_include", "_revinclude"})


class _Asked(NamedTuple):
    """The parameters and, on a further page, the last entry of the one before: type, id and place."""

    parameters: tuple[Parameter, ...]
    last: tuple[str, str, tuple[Key, ...]] | None


def search_system(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer a searchset Bundle; the first page of a search or, by its link, a further one."""
    with server.store.transaction("deferred"):
        token = page_token(request)
        asked = _asked(server, view, request, token)
        types = _types(asked.parameters, served_types(server.store.release))
        scope = Scope(server.store, view, request.base_url, server.store.now())
        searches = [_search(scope, type_, asked.parameters) for type_ in types]
        shown = FhirRequest("GET", request.interaction, "", parameters=asked.parameters)
        show = presentation(shown, server.store.release)
        size = searches[0].count
        matches, more = _page(server, searches, asked.last, size)
        entries = [
            entry(
                f"{request.base_url}/{row.type}/{row.id}", show.resource(row.body), search={"mode": "match"}
            )
            for type_, found in matches
            for row in bodies(server.store, type_, found)
        ]
        with_total = searches[0].with_total
        total = sum(count(server.store, s.query) for s in searches) if with_total else None
    links = {"self": f"{request.base_url}?{page.PARAMETER}={token}"}
    if token is None:
        links["self"] = self_link(request.base_url, asked.parameters)
    if more:
        (*_, (type_, found)) = matches
        created = next(s for s in searches if s.query.type == type_).query.sorts == (CREATION,)
        place = () if created else found[-1].keys  # `k` counts resources that nobody may see
        pairs = [(p.name, p.modifier, p.value) for p in asked.parameters]
        state = [_TYPES, pairs, type_, found[-1].id, place]
        links["next"] = f"{request.base_url}?{page.PARAMETER}={server.pages.seal(state, view.binding)}"
    return FhirResponse(200, show.whole(bundle("searchset", entries, links, total)))


def _asked(server: Server, view: View, request: FhirRequest, token: str | None) -> _Asked:
    if token is None:
        return _Asked(request.parameters, None)
    match server.pages.unseal(token, view.binding):
        case [str(of), list(pairs), str(type_), str(id_), list(keys)] if of == _TYPES:
            return _Asked(tuple(Parameter(n, v, m) for n, m, v in pairs), (type_, id_, tuple(keys)))
    raise page.gone()


def _types(parameters: tuple[Parameter, ...], served: Collection[str]) -> tuple[str, ...]:
    """Return the types asked for, in the order of the answer.

    Raises:
        FhirError: 400 when there is none or too many, or one that is not served.
    """
    values = [p.value for p in parameters if p.name == _TYPES]
    types = tuple(dict.fromkeys(type_ for value in values for type_ in value.split(",") if type_))
    if not types or len(types) > MAX_TYPES:
        raise FhirError(400, "too-costly", f"A search of the server names 1 to {MAX_TYPES} types in _type.")
    if not set(types) <= set(served):
        raise FhirError(400, "not-supported", "_type names a resource type that this server does not have.")
    if any(p.name in _REFUSED for p in parameters):
        raise FhirError(400, "not-supported", "A search of the server takes no _sort and no includes.")
    return types


def _search(scope: Scope, type_: str, parameters: tuple[Parameter, ...]) -> Search:
    return read(scope, type_, (p for p in parameters if p.name != _TYPES), strict=True)


def _page(
    server: Server, searches: list[Search], last: tuple[str, str, tuple[Key, ...]] | None, size: int
) -> tuple[list[tuple[str, list[Found]]], bool]:
    """Return the matches of a page by type, and whether others follow."""
    matches: list[tuple[str, list[Found]]] = []
    left = size
    for search in searches if last is None else _from(searches, last[0]):
        after = None
        if last is not None and last[0] == search.query.type:
            type_, id_, keys = last
            stored = server.store.current(type_, id_)
            if stored is None:
                raise page.gone()
            after = Found(stored.k, id_, keys or (stored.k,))
        found = find(server.store, search.query, left + 1, after) if size else []
        if found[:left]:
            matches.append((search.query.type, found[:left]))
        if len(found) > left:
            return matches, True
        left -= len(found)
    return matches, False


def _from(searches: list[Search], type_: str) -> list[Search]:
    start = next((n for n, search in enumerate(searches) if search.query.type == type_), len(searches))
    return searches[start:]

"""A page of versions as a history Bundle: of one resource, of a type, or of the whole server.

Understood: ``_count``, ``_since``, ``_at`` (a date, as wide as its precision), and how to show resources. A
patch is told as the PUT of what it made. A page of types or of the server has no total: to count would be to
read everything.

Spec: https://hl7.org/fhir/R4/http.html#history
"""

from itertools import islice
from typing import NamedTuple
from urllib.parse import urlencode

from lab.fhir.request import FhirRequest, Parameter
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import View
from lab.fhirserver import page
from lab.fhirserver.bundle import bundle, entry
from lab.fhirserver.negotiation import preferences
from lab.fhirserver.presentation import PARAMETERS as SHOWN
from lab.fhirserver.presentation import Presentation, presentation
from lab.fhirserver.search.reading import page_size
from lab.fhirserver.server import Server
from lab.fhirserver.storage.stored import Stored
from lab.fhirserver.storage.times import BEGINNING, END, interval
from lab.fhirserver.storage.times import instant as written_instant
from lab.fhirserver.timeline import Place, Span, Subject, timeline
from lab.fhirserver.versions import etag

_OWN = frozenset({"_count", "_since", "_at"})
_COUNTED_AT_ONCE = 1000


class _Asked(NamedTuple):
    """The parameters understood and, on a further page, the place of the last entry of the one before."""

    understood: tuple[Parameter, ...]
    after: Place | None


def history(server: Server, request: FhirRequest, view: View, subject: Subject) -> FhirResponse:
    """Answer the first page or, by its link, a further one."""
    path = "/".join([*filter(None, (request.type, request.id)), "_history"])
    address = f"{request.base_url}/{path}"
    with server.store.transaction("deferred"):
        asked = _asked(server, request, view, path)
        span, show = _span(server, asked.understood), _presentation(server, request, asked.understood)
        size = 0 if show.summary == "count" else page_size(asked.understood)
        total = None
        if subject.id is not None:
            every = timeline(server.store, view, subject, span, None, _COUNTED_AT_ONCE)
            total = sum(1 for _ in every)
        found = timeline(server.store, view, subject, span, asked.after, size + 1)
        versions = list(islice(found, size + 1)) if size else []
    links = {"self": _self(request, address, asked)}
    if len(versions) > size:
        last = versions[size - 1]
        state = [path, [(p.name, p.value) for p in asked.understood], last.updated, last.type, last.id]
        links["next"] = f"{address}?{page.PARAMETER}={server.pages.seal(state, view.binding)}"
    entries = [_entry(request, version, show) for version in versions[:size]]
    return FhirResponse(200, show.whole(bundle("history", entries, links, total)))


def _asked(server: Server, request: FhirRequest, view: View, path: str) -> _Asked:
    tokens = request.values(page.PARAMETER)
    if tokens:
        if len(request.parameters) > 1:
            raise FhirError(400, "invalid", "A page link is followed as it is, without other parameters.")
        match server.pages.unseal(tokens[0], view.binding):
            case [str(of), list(pairs), int(updated), str(type_), str(id_)] if of == path:
                last = server.store.current(type_, id_)
                if last is not None:
                    return _Asked(tuple(Parameter(name, value) for name, value in pairs), (updated, last.k))
        raise page.gone()
    understood = tuple(p for p in request.parameters if p.name in _OWN | SHOWN and p.modifier is None)
    if preferences(request).get("handling") == "strict" and len(understood) < len(request.parameters):
        raise FhirError(400, "not-supported", "A history takes _count, _since and _at.")
    if any(sum(p.name == name for p in understood) > 1 for name in _OWN):
        raise FhirError(400, "invalid", "A parameter of a history is given more than once.")
    return _Asked(understood, None)


def _presentation(server: Server, request: FhirRequest, understood: tuple[Parameter, ...]) -> Presentation:
    shown = FhirRequest(request.method, request.interaction, "", parameters=understood)
    return presentation(shown, server.store.release)


def _span(server: Server, understood: tuple[Parameter, ...]) -> Span:
    given = {p.name: p.value for p in understood}
    since, begin, end = BEGINNING, BEGINNING, END
    try:
        if "_since" in given:
            since = interval(given["_since"], server.store.context.zone)[0]
        if "_at" in given:
            begin, end = interval(given["_at"], server.store.context.zone)
    except ValueError as error:
        raise FhirError(400, "invalid", f"_since or _at cannot be read. {error}") from None
    return Span(since, begin, end)


def _self(request: FhirRequest, address: str, asked: _Asked) -> str:
    if asked.after is not None:
        return f"{address}?{page.PARAMETER}={request.values(page.PARAMETER)[0]}"
    query = urlencode([(p.name, p.value) for p in asked.understood])
    return f"{address}?{query}" if query else address


def _entry(request: FhirRequest, version: Stored, show: Presentation) -> bytes:
    url = version.type if version.method == "POST" else f"{version.type}/{version.id}"
    status = {"POST": "201 Created", "DELETE": "204 No Content"}.get(version.method, "200 OK")
    return entry(
        f"{request.base_url}/{version.type}/{version.id}",
        None if version.body is None else show.resource(version.body),
        request={"method": version.method, "url": url},
        response={
            "status": "201 Created" if version.version == 1 else status,
            "etag": etag(version.version),
            "lastModified": written_instant(version.updated),
        },
    )

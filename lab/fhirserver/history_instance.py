"""List the versions of one resource, newest first, deletions included.

Spec: https://hl7.org/fhir/R4/http.html#history
"""

from urllib.parse import urlencode

from lab.fhir.request import FhirRequest, Parameter
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.strict_json import exact
from lab.fhir.view import View
from lab.fhirserver import page
from lab.fhirserver.bundle import bundle, entry
from lab.fhirserver.lookup import found
from lab.fhirserver.presentation import Presentation, presentation
from lab.fhirserver.search.reading import page_size
from lab.fhirserver.server import Server
from lab.fhirserver.storage.store import Store, Stored
from lab.fhirserver.storage.times import instant, interval
from lab.fhirserver.versions import etag
from lab.fhirserver.visibility import holds

_UNDERSTOOD = frozenset({"_count", "_since", "_format", "_pretty"})


def history_instance(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer a history Bundle of the versions that the view shows."""
    path = f"{request.base_url}/{request.type}/{request.id}/_history"
    stored = found(server.store, view, request.type or "", request.id or "")
    understood, before = _asked(server, request, view)
    versions = _visible(server.store, view, server.store.versions(stored))
    versions = [v for v in versions if v.updated >= _since(server, understood)]
    size = page_size(understood)
    shown = [v for v in versions if before is None or v.version < before]
    self_query = urlencode([(p.name, p.value) for p in understood])
    links = {"self": path + (f"?{self_query}" if self_query else "")}
    if before is not None:
        links = {"self": f"{path}?{page.PARAMETER}={request.values(page.PARAMETER)[0]}"}
    if 0 < size < len(shown):
        state = [path, [(p.name, p.value) for p in understood], shown[size - 1].version]
        links["next"] = f"{path}?{page.PARAMETER}={server.pages.seal(state, view.binding)}"
    show = presentation(request)
    body = bundle("history", [_entry(request, v, show) for v in shown[:size]], links, len(versions))
    return FhirResponse(200, show.whole(body))


def _asked(server: Server, request: FhirRequest, view: View) -> tuple[tuple[Parameter, ...], int | None]:
    """Return the parameters understood and, on a further page, the version that ended the one before."""
    tokens = request.values(page.PARAMETER)
    if not tokens:
        return tuple(p for p in request.parameters if p.name in _UNDERSTOOD and p.modifier is None), None
    if len(request.parameters) > 1:
        raise FhirError(400, "invalid", "A page link is followed as it is, without other parameters.")
    state = server.pages.unseal(tokens[0], view.binding)
    match state:
        case [str(path), list(pairs), int(version)] if path.endswith(
            f"/{request.type}/{request.id}/_history"
        ):
            return tuple(Parameter(name, value) for name, value in pairs), version
    raise page.gone()


def _since(server: Server, understood: tuple[Parameter, ...]) -> int:
    values = [p.value for p in understood if p.name == "_since"]
    try:
        return interval(values[-1], server.store.context.zone)[0] if values else 0
    except ValueError as error:
        raise FhirError(400, "invalid", f"_since cannot be read. {error}") from None


def _visible(store: Store, view: View, versions: list[Stored]) -> list[Stored]:
    """Keep the versions that the view shows; a deletion is shown with the version that it deleted."""
    shown: list[Stored] = []
    deletions: list[Stored] = []
    for version in versions:
        if version.body is None:
            deletions.append(version)
        else:
            if holds(store, view, exact(version.body)):
                shown += [*deletions, version]
            deletions = []
    return shown


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
            "lastModified": instant(version.updated),
        },
    )

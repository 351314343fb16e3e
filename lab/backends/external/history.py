"""The versions of one resource, each checked by what it holds; a deletion is shown with the version it ended.

The history of a type or of the server is not answered: nothing narrows it to a view.

Spec: https://hl7.org/fhir/R4/http.html#history
"""

import re
from collections.abc import AsyncIterator
from typing import Any

from lab.backends.external.desk import Desk
from lab.backends.external.pages import link_of
from lab.backends.external.reading import current, identified
from lab.backends.external.refusals import UpstreamError, not_taken, too_many, unknown
from lab.backends.external.showing import PARAMETERS, shown
from lab.backends.external.sight import Sight
from lab.backends.external.upstream import Upstream
from lab.fhir.page import PARAMETER, gone
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.strict_json import Json
from lab.fhir.view import View

MAX_VERSIONS = 1_000
_DEFAULT = 50
_KEPT = {
    "status": re.compile(r"[1-5][0-9]{2}(?: [A-Za-z ]{1,40})?"),
    "etag": re.compile(r'W/"[A-Za-z0-9\-.]{1,64}"'),
    "lastModified": re.compile(r"[0-9T:.+\-Z]{10,40}"),
}


async def history(desk: Desk, request: FhirRequest, view: View) -> FhirResponse:
    """Answer a page of the versions that the view shows; the total is theirs."""
    type_, id_ = request.type or "", request.id or ""
    start, size = _asked(desk, request, view)
    sight = await desk.sight(request, view)
    if not sight.whole(type_):
        await current(desk.upstream, sight, type_, id_)
    versions = _visible(sight, [entry async for entry in _versions(desk.upstream, type_, id_)])
    address = f"{request.base_url}/{type_}/{id_}/_history"
    token = (request.values(PARAMETER) or ("",))[0]
    count = request.values("_count")
    own = f"?{PARAMETER}={token}" if token else f"?_count={count[0]}" if count else ""
    links = [{"relation": "self", "url": address + own}]
    if size and start + size < len(versions):
        state = ["_history", f"{type_}/{id_}", start + size, size]
        links.append(
            {"relation": "next", "url": f"{address}?{PARAMETER}={desk.pages.seal(state, view.binding)}"}
        )
    bundle: Json = {"resourceType": "Bundle", "type": "history", "total": len(versions), "link": links}
    shown_versions = versions[start : start + size]
    if shown_versions:
        full = f"{request.base_url}/{type_}/{id_}"
        bundle["entry"] = [{"fullUrl": full, **desk.outwards(request, entry)} for entry in shown_versions]
    return shown(request, bundle)


def _asked(desk: Desk, request: FhirRequest, view: View) -> tuple[int, int]:
    """Return the number of the first version to show, and how many."""
    tokens = request.values(PARAMETER)
    if tokens:
        match desk.pages.unseal(tokens[0], view.binding):
            case ["_history", str(of), int(start), int(size)] if (
                of == f"{request.type}/{request.id}" and len(request.parameters) == 1
            ):
                return start, size
        raise gone()
    if any(p.name not in {"_count", *PARAMETERS} or p.modifier for p in request.parameters):
        raise not_taken("A history takes _count.")
    counts = request.values("_count") or (str(_DEFAULT),)
    if len(counts) > 1 or not (counts[0].isascii() and counts[0].isdigit() and len(counts[0]) < 5):
        raise FhirError(400, "invalid", "_count takes a number.")
    return 0, int(counts[0])


async def _versions(upstream: Upstream, type_: str, id_: str) -> AsyncIterator[Json]:
    """Yield the entries of the whole history, the newest first."""
    path: str | None = f"/{type_}/{id_}/_history?_count=200"
    count = 0
    while path is not None:
        answer = await upstream.get(path)
        if answer.status in {400, 404, 405, 410} and count == 0:
            raise unknown()
        bundle = answer.resource if answer.there else None
        if bundle is None or (bundle.get("resourceType"), bundle.get("type")) != ("Bundle", "history"):
            raise UpstreamError(f"a history got something else ({answer.status})")
        entries = bundle.get("entry", [])
        for entry in entries if isinstance(entries, list) else ():
            count += 1
            if count > MAX_VERSIONS:
                raise too_many()
            yield _version(entry, type_, id_)
        path = link_of(bundle, "next", upstream)


def _version(entry: Any, type_: str, id_: str) -> Json:
    """Return what is kept of an entry: the resource, and a short list of what is said of it."""
    if not isinstance(entry, dict):
        raise UpstreamError("an entry of a history is no object")
    resource, request, response = (entry.get(name) for name in ("resource", "request", "response"))
    kept: Json = {}
    if resource is not None:
        kept["resource"] = identified(resource if isinstance(resource, dict) else None, type_, id_)
    method = request.get("method") if isinstance(request, dict) else None
    if method not in {"POST", "PUT", "PATCH", "DELETE"} or (method == "DELETE") is (resource is not None):
        raise UpstreamError("an entry of a history does not say what made the version")
    kept["request"] = {"method": method, "url": type_ if method == "POST" else f"{type_}/{id_}"}
    said = response if isinstance(response, dict) else {}
    kept["response"] = {
        name: said[name] for name, form in _KEPT.items() if form.fullmatch(str(said.get(name)))
    }
    return kept


def _visible(sight: Sight, entries: list[Json]) -> list[Json]:
    shown_ = []
    for n, entry in enumerate(entries):
        held = entry.get("resource")
        if held is None:
            held = next((e["resource"] for e in entries[n + 1 :] if "resource" in e), None)
        if held is not None and sight.shows(held):
            shown_.append(entry)
    return shown_

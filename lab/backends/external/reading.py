"""Read a resource, or one version of it: what is outside the view is answered as what never existed.

Spec: https://hl7.org/fhir/R4/http.html#read and https://hl7.org/fhir/R4/http.html#vread
"""

from collections.abc import Mapping

from lab.backends.external.desk import Desk
from lab.backends.external.refusals import UpstreamError, deleted, not_taken, unknown
from lab.backends.external.showing import PARAMETERS, shown
from lab.backends.external.sight import Sight, check_told_apart
from lab.backends.external.upstream import Upstream
from lab.backends.external.versions import naming, not_modified, version
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.fhir.strict_json import Json
from lab.fhir.view import View

_GONE = 410


async def read(desk: Desk, request: FhirRequest, view: View) -> FhirResponse:
    """Answer the current version, or 304 when the client has it."""
    _check_parameters(request)
    sight = await desk.sight(request, view)
    resource, headers = await current(desk.upstream, sight, request.type or "", request.id or "")
    return _answer(desk, request, resource, headers)


async def vread(desk: Desk, request: FhirRequest, view: View) -> FhirResponse:
    """Answer a version; its resource must be in the view now, and the view show what the version holds."""
    _check_parameters(request)
    type_, id_ = request.type or "", request.id or ""
    sight = await desk.sight(request, view)
    if not sight.whole(type_):
        await current(desk.upstream, sight, type_, id_)
    answer = await desk.upstream.get(f"/{type_}/{id_}/_history/{request.version}")
    if answer.status == _GONE and sight.whole(type_):
        raise deleted()
    if answer.status in {400, 404, 405, _GONE}:
        raise unknown()
    resource = identified(answer.resource, type_, id_)
    if not sight.shows(resource):
        raise unknown()
    if version(resource, answer.headers) != request.version:
        raise UpstreamError("another version than the one asked for was answered")
    return _answer(desk, request, resource, answer.headers)


async def current(upstream: Upstream, sight: Sight, type_: str, id_: str) -> tuple[Json, Mapping[str, str]]:
    """Return a resource as it is now, with the headers it came with.

    Raises:
        FhirError: 404 when the view has none; 410 for a deleted one of a type that is not confined: of
            another one nothing is left that tells whether it was in the view.
    """
    if not sight.view.sees(type_):
        raise unknown()
    if not sight.whole(type_):
        check_told_apart(sight.view, type_)
    answer = await upstream.get(f"/{type_}/{id_}")
    if answer.status == _GONE and sight.whole(type_):
        raise deleted()
    if answer.status in {400, 404, 405, _GONE}:  # 400: an id that the server behind does not take
        raise unknown()
    resource = identified(answer.resource, type_, id_)
    if not sight.shows(resource):
        raise unknown()
    return resource, answer.headers


def identified(resource: Json | None, type_: str, id_: str) -> Json:
    """Return the resource that an answer must hold.

    Raises:
        UpstreamError: it holds another one, or none.
    """
    if resource is None or (resource.get("resourceType"), resource.get("id")) != (type_, id_):
        raise UpstreamError(f"a {type_} was asked for by its id, something else was answered")
    return resource


def _answer(desk: Desk, request: FhirRequest, resource: Json, headers: Mapping[str, str]) -> FhirResponse:
    unchanged = not_modified(request, resource, headers)
    if unchanged is not None:
        return unchanged
    return shown(request, desk.outwards(request, resource), 200, naming(resource, headers))


def _check_parameters(request: FhirRequest) -> None:
    if any(p.name not in PARAMETERS or p.modifier is not None for p in request.parameters):
        raise not_taken()

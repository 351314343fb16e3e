"""Create, replace, patch and delete: on the view before, on the view after, and on the version in between.

A confined client writes what it sees and refers to what it sees: the server behind would otherwise tell which
of its references exist. Conditions are refused: they would be searched beyond the view.

Spec: https://hl7.org/fhir/R4/http.html#create and https://hl7.org/fhir/R4/http.html#update
"""

from collections.abc import Iterable
from typing import NamedTuple

from lab.backends.external.about import DEFINING, about, own_pools
from lab.backends.external.desk import Desk
from lab.backends.external.finding import Finder
from lab.backends.external.reading import current, identified
from lab.backends.external.references import SOMEONE, literals, target
from lab.backends.external.refusals import UpstreamError, forbidden, not_narrowed, unknown
from lab.backends.external.showing import check_body, preference, shown
from lab.backends.external.sight import Sight, check_told_apart
from lab.backends.external.upstream import UpstreamAnswer
from lab.backends.external.versions import changed, check_match, naming, version
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.strict_json import Json, write
from lab.fhir.strict_json import read as read_json
from lab.fhir.view import View

_FHIR = {"content-type": "application/fhir+json", "prefer": "return=representation"}
_NEW = "to-be-created"
_PATCH = "application/json-patch+json"


async def create(desk: Desk, request: FhirRequest, view: View) -> FhirResponse:
    """Answer 201 with the resource as it was stored."""
    if "if-none-exist" in request.headers:
        raise not_narrowed()
    finder, resource = await desk.finder(request, view), _body(desk, request)
    await _check_written(finder, {**resource, "id": _NEW}, frozenset())
    new = {name: value for name, value in resource.items() if name != "id"}
    answer = await desk.upstream.send("POST", f"/{request.type}", write(new), _FHIR)
    return await _stored(desk, request, finder.sight, answer, None)


async def update(desk: Desk, request: FhirRequest, view: View) -> FhirResponse:
    """Answer with the new version; what is not in a confined view is not created under a chosen id."""
    if request.id is None or request.parameters:
        raise not_narrowed()
    finder, resource = await desk.finder(request, view), _body(desk, request)
    if resource.get("id") != request.id:
        raise FhirError(400, "invalid", "The id of the body is not that of the URL.")
    before = await _before(desk, request, finder.sight)
    if before is None and not finder.sight.whole(request.type or ""):
        raise unknown()
    check_match(request, before and before.version)
    await _check_written(finder, resource, before.references if before else frozenset())
    if before is not None and not view.labels.isdisjoint(before.labels ^ own_pools(resource)):
        raise forbidden()
    headers = {**_FHIR, **_condition(before)}
    answer = await desk.upstream.send("PUT", f"/{request.type}/{request.id}", write(resource), headers)
    return await _stored(desk, request, finder.sight, answer, request.id)


async def patch(desk: Desk, request: FhirRequest, view: View) -> FhirResponse:
    """Pass a JSON Patch on where nothing depends on what it makes, which is not known before it is made."""
    if request.id is None or request.parameters or view.labels:
        raise not_narrowed()
    sight = await desk.sight(request, view)
    if not sight.whole(request.type or "") or _is_reserved(sight, request.type or ""):
        raise not_narrowed()
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _PATCH:
        raise FhirError(415, "not-supported", f"A patch is sent as {_PATCH}.")
    before = await _before(desk, request, sight)
    if before is None:
        raise unknown()
    check_match(request, before.version)
    headers = {**_FHIR, "content-type": _PATCH, **_condition(before)}
    answer = await desk.upstream.send("PATCH", f"/{request.type}/{request.id}", request.body, headers)
    return await _stored(desk, request, sight, answer, request.id)


async def delete(desk: Desk, request: FhirRequest, view: View) -> FhirResponse:
    """Answer 204 alike for what is deleted, hidden, unknown or gone already."""
    if request.id is None or request.parameters:
        raise not_narrowed()
    sight = await desk.sight(request, view)
    before = await _before(desk, request, sight)
    if before is None:
        return FhirResponse(204, b"", ())
    check_match(request, before.version)
    if _is_reserved(sight, request.type or ""):
        raise forbidden()
    answer = await desk.upstream.send(
        "DELETE", f"/{request.type}/{request.id}", headers={"prefer": "return=minimal", **_condition(before)}
    )
    if answer.status not in {200, 204, 404, 410}:
        raise _refused(answer)
    return FhirResponse(204, b"", ())


def _body(desk: Desk, request: FhirRequest) -> Json:
    check_body(request)
    resource = read_json(request.body)
    if resource.get("resourceType") != request.type:
        raise FhirError(400, "invalid", "The resourceType of the body is not the type of the URL.")
    found: Json = desk.inwards(request, resource)
    return found


class _Before(NamedTuple):
    """The version that a write goes over, the labels that it carries and the references that it holds."""

    version: str
    labels: frozenset[str]
    references: frozenset[str]


async def _before(desk: Desk, request: FhirRequest, sight: Sight) -> _Before | None:
    """Return what is there now; None when the view has none.

    Raises:
        UpstreamError: it has no version, so that nothing keeps another write from coming in between.
    """
    try:
        resource, headers = await current(desk.upstream, sight, request.type or "", request.id or "")
    except FhirError as error:
        if error.status in {404, 410}:
            return None
        raise
    found = version(resource, headers)
    if found is None:
        raise UpstreamError("a resource has no version: a write over it cannot be made safe")
    return _Before(found, own_pools(resource), frozenset(literals(resource)))


def _condition(before: _Before | None) -> dict[str, str]:
    return {} if before is None else {"if-match": f'W/"{before.version}"'}


def _is_reserved(sight: Sight, type_: str) -> bool:
    """Tell whether a view may not write a type: no client makes its own cohort, nor a Subscription."""
    return not sight.view.unrestricted and type_ in {*DEFINING, "Subscription"}


async def _check_written(finder: Finder, resource: Json, before: frozenset[str]) -> None:
    """Verify that a resource may be written as it is; the references of ``before`` may stay.

    Raises:
        FhirError: 403 when it would be outside the view, or refers to what is.
    """
    sight, type_ = finder.sight, str(resource["resourceType"])
    if not sight.whole(type_) and sight.view.sees(type_):
        check_told_apart(sight.view, type_)
    if not sight.shows(resource) or _is_reserved(sight, type_):
        raise forbidden()
    if not sight.view.unrestricted:
        await _check_references(finder, resource, before)


async def _check_references(finder: Finder, resource: Json, before: frozenset[str]) -> None:
    """Verify that what a resource refers to is seen, or is a patient whom it is about and who is a member."""
    sight, wanted = finder.sight, dict[str, set[str]]()
    members = frozenset() if sight.whole(str(resource["resourceType"])) else about(resource, sight.bases)
    for literal in literals(resource):
        if literal.startswith("#") or literal in before:
            continue
        found = target(literal, sight.bases)
        if found is not None and found.type == "Patient" and found.id in members - {SOMEONE}:
            continue
        if "?" in literal or (found is None and not literal.startswith(("urn:", "http://", "https://"))):
            raise forbidden()
        if found is not None and found.id != SOMEONE and found.id != resource["id"]:
            wanted.setdefault(found.type, set()).add(found.id)
    for type_, ids in sorted(wanted.items()):
        if _ids(await finder.of_ids(type_, ids)) != ids:
            raise forbidden()


def _ids(resources: Iterable[Json]) -> set[str]:
    return {str(resource["id"]) for resource in resources}


async def _stored(
    desk: Desk, request: FhirRequest, sight: Sight, answer: UpstreamAnswer, id_: str | None
) -> FhirResponse:
    """Return the answer about the version that is now current, as large as the client prefers."""
    if answer.status not in {200, 201}:
        raise _refused(answer)
    resource = answer.resource
    if resource is not None and resource.get("resourceType") == "OperationOutcome":
        resource = None
    if resource is None:
        id_ = id_ or _created(desk, request, answer)
        resource, _ = await current(desk.upstream, sight, request.type or "", id_)
    resource = identified(resource, request.type or "", id_ or str(resource.get("id")))
    if not sight.shows(resource):
        raise UpstreamError("a write was stored as something else than what was sent")
    headers = naming(resource, answer.headers)
    found = version(resource, answer.headers)
    if found is not None:
        place = f"{request.base_url}/{request.type}/{resource['id']}/_history/{found}"
        headers = (*headers, ("location", place))
    if preference(request, "return") == "minimal":
        return FhirResponse(answer.status, b"", headers)
    return shown(request, desk.outwards(request, resource), answer.status, headers)


def _created(desk: Desk, request: FhirRequest, answer: UpstreamAnswer) -> str:
    """Return the id that the header Location tells."""
    inside = desk.upstream.address.inside(answer.headers.get("location", "")) or ""
    parts = inside.removeprefix("/").split("/")
    if len(parts) not in {2, 4} or parts[0] != request.type:
        raise UpstreamError("a resource was created, and nothing says under which id")
    return parts[1]


def _refused(answer: UpstreamAnswer) -> FhirError:
    """Return the constant refusal of a write that the server behind did not take."""
    if answer.status == 412:
        return changed()
    if answer.status == 409:
        return FhirError(
            409, "conflict", "The server of the hospital does not take this write as things are."
        )
    if answer.status in {400, 422}:
        return FhirError(422, "invalid", "The server of the hospital does not take this resource.")
    raise UpstreamError(f"a write got {answer.status}")

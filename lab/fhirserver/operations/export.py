"""``$export``: start a bulk export of the server, of the patients or of the members of a Group.

What is exported is the view at the transactionTime, which a snapshot of the store keeps whatever is written
meanwhile; in an export of patients, it is what is in the compartment of one of them.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-kick-off-request
"""

from dataclasses import replace

from lab.fhir.compartments import compartment
from lab.fhir.request import FhirRequest, Parameter
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.type_filters import type_filters
from lab.fhir.view import View
from lab.fhirserver.lookup import deleted, found
from lab.fhirserver.negotiation import preferences
from lab.fhirserver.operations.about import about_any_patient, about_members, changed_since, instant_of
from lab.fhirserver.operations.chosen_types import exported_types
from lab.fhirserver.operations.export_job import Part, Plan
from lab.fhirserver.operations.export_owner import owner
from lab.fhirserver.operations.operation import check_parameters, single
from lab.fhirserver.search.criterion import Criterion, all_of, merged
from lab.fhirserver.search.own import Scope
from lab.fhirserver.search.query import Query
from lab.fhirserver.search.reading import read
from lab.fhirserver.search_type import self_link
from lab.fhirserver.server import Server
from lab.fhirserver.sql import both
from lab.fhirserver.storage.catalogue import served_types
from lab.fhirserver.visibility import visible

_KNOWN = frozenset({"_outputFormat", "_since", "_type", "_typeFilter"})
_FORMATS = frozenset({"application/fhir+ndjson", "application/ndjson", "ndjson", "application/fhir ndjson"})
_CRITERIA = frozenset({"_id", "_has", "_tag", "_security", "_profile", "_source", "_lastUpdated"})


def export(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer 202 with the address of the status."""
    asked = _asked(request)
    if request.id is not None and found(server.store, view, "Group", request.id).deleted:
        raise deleted()
    server.exports.check_room(view.binding)
    with server.store.transaction():
        time = server.store.tick()  # no write before it is later, none after it is not
    snapshot = server.store.snapshot()
    try:
        scope = Scope(snapshot, view, request.base_url, time)
        parts = _parts(scope, asked)
        address = "/".join(filter(None, (request.base_url, request.type, request.id, "$export")))
        plan = Plan(self_link(address, request.parameters), time, parts)
        job = server.exports.start(snapshot, plan, owner(snapshot, view, (part.type for part in parts), time))
    except BaseException:
        snapshot.close()
        raise
    return FhirResponse(202, b"", (("content-location", f"{request.base_url}/$export-status/{job.id}"),))


def _asked(request: FhirRequest) -> FhirRequest:
    """Return the request with the parameters that are understood."""
    preferred = preferences(request)
    if "respond-async" not in preferred:
        raise FhirError(400, "invalid", "An export is asynchronous: send Prefer: respond-async.")
    if preferred.get("handling") == "lenient":
        request = replace(request, parameters=tuple(p for p in request.parameters if p.name in _KNOWN))
    check_parameters(request, _KNOWN)
    if (single(request, "_outputFormat") or "ndjson") not in _FORMATS:
        raise FhirError(400, "not-supported", "_outputFormat takes application/fhir+ndjson.")
    return request


def _parts(scope: Scope, request: FhirRequest) -> tuple[Part, ...]:
    whole = request.type is None
    release = scope.store.release
    inside = compartment("Patient", release)
    possible = [t for t in served_types(release) if whole or t in inside]
    types = exported_types(request, scope.view, possible)
    filters = type_filters(request)
    if not {each.type for each in filters} <= set(types):
        raise FhirError(400, "invalid", "_typeFilter is on a type that is not exported.")
    return tuple(_part(scope, request, type_, [f for f in filters if f.type == type_]) for type_ in types)


def _part(scope: Scope, request: FhirRequest, type_: str, filters: list[FhirRequest]) -> Part:
    criteria = _belonging(scope, request, type_)
    since = single(request, "_since")
    removed = None
    if since is not None:
        criteria.append(changed_since(scope.store, scope.view, instant_of(since)))
        removed = both((*(c.test for c in criteria), visible(scope.store, scope.view, type_, scope.now)))
    if filters:
        criteria.append(merged(*(_filter(scope, type_, each.parameters) for each in filters)))
    seen = read(scope, type_, (), strict=True).query.criteria
    return Part(type_, Query(type_, (*criteria, *seen)), removed)


def _belonging(scope: Scope, request: FhirRequest, type_: str) -> list[Criterion]:
    if request.id is not None:
        return [about_members(type_, request.id, scope.now)]
    return [] if request.type is None else [about_any_patient()]


def _filter(scope: Scope, type_: str, parameters: tuple[Parameter, ...]) -> Criterion:
    if any(p.name.startswith("_") and p.name not in _CRITERIA for p in parameters):
        raise FhirError(400, "not-supported", "_typeFilter takes search criteria only.")
    return all_of(read(scope, type_, parameters, strict=True).query.criteria)

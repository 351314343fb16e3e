"""Replace a resource, or create it under the id of the client; the URL may hold criteria in place of an id.

A view confined to cohorts neither replaces what it does not show nor creates under an id of its choice: both
get the answer of an unknown id, so that nobody learns which ids are taken.

Spec: https://hl7.org/fhir/R4/http.html#update and https://hl7.org/fhir/R4/http.html#cond-update
"""

from dataclasses import replace

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.strict_json import Json
from lab.fhir.view import View
from lab.fhirserver.conditional import matched
from lab.fhirserver.create import added
from lab.fhirserver.incoming import incoming
from lab.fhirserver.lookup import unknown
from lab.fhirserver.server import Server
from lab.fhirserver.storing import store
from lab.fhirserver.versions import check_match
from lab.fhirserver.visibility import confined, seen
from lab.fhirserver.written import written


def update(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer 200 with the new version, or 201 when the resource was not there."""
    resource = incoming(request, server.store.release)
    with server.store.transaction():
        if request.id is not None:
            return _updated(server, request, view, request.id, resource)
        existing = matched(server, request, view, request.type or "", request.parameters)
        id_ = existing or resource.get("id")
        if id_ is None:
            check_match(request, None)
            return added(server, request, view, resource)
        if existing is None and _is_there(server, view, resource["resourceType"], id_):
            raise FhirError(409, "conflict", "The id of the body is of a resource that does not match.")
        return _updated(server, request, view, id_, {"id": id_, **resource})


def _is_there(server: Server, view: View, type_: str, id_: str) -> bool:
    before = seen(server.store, view, type_, id_)
    return before is not None and not before.deleted


def _updated(server: Server, request: FhirRequest, view: View, id_: str, resource: Json) -> FhirResponse:
    type_ = resource["resourceType"]
    if resource.get("id") != id_:
        raise FhirError(400, "invalid", "The id of the body is not that of the URL.")
    before = seen(server.store, view, type_, id_)
    if before is None and confined(view, type_):
        raise unknown()
    check_match(request, before)
    stored = store(server, request, view, id_, resource, "PUT")
    status = 201 if before is None or before.deleted else 200
    return written(replace(request, id=id_), stored, status, server.store.release)

"""Create a resource under an id of the server; with If-None-Exist, unless it is already there.

Spec: https://hl7.org/fhir/R4/http.html#create
"""

from uuid import uuid4

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.fhir.strict_json import Json
from lab.fhir.view import View
from lab.fhirserver.conditional import criteria, matched
from lab.fhirserver.incoming import incoming
from lab.fhirserver.lookup import found
from lab.fhirserver.server import Server
from lab.fhirserver.storing import store
from lab.fhirserver.written import written


def create(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer 201 with the Location of the first version, or 200 with that of the resource already there.

    ``request.id`` is set by a transaction, which has promised that id to its other entries.
    """
    type_ = request.type or ""
    resource = incoming(request, server.store.release)
    condition = request.headers.get("if-none-exist")
    with server.store.transaction():
        if condition is not None:
            existing = matched(server, request, view, type_, criteria(request, type_, condition))
            if existing is not None:
                there = found(server.store, view, type_, existing)
                return written(request, there, 200, server.store.release)
        return added(server, request, view, resource)


def added(server: Server, request: FhirRequest, view: View, resource: Json) -> FhirResponse:
    """Store a resource that is new and answer 201.

    Raises:
        FhirError: 403 when it would not be in the view or its type is reserved; 422 for a Subscription that
            cannot be served.
    """
    new = {**resource, "id": request.id or str(uuid4())}
    stored = store(server, request, view, new["id"], new, "POST")
    return written(request, stored, 201, server.store.release)

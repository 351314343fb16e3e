"""Read a resource in its current version.

Spec: https://hl7.org/fhir/R4/http.html#read
"""

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.fhir.view import View
from lab.fhirserver.lookup import deleted, found
from lab.fhirserver.presentation import presentation
from lab.fhirserver.server import Server
from lab.fhirserver.versions import headers, not_modified


def read(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer the stored bytes, or 304 when the client has them."""
    show = presentation(request, server.store.release)
    stored = found(server.store, view, request.type or "", request.id or "")
    if stored.body is None:
        raise deleted()
    return not_modified(request, stored) or FhirResponse(
        200, show.whole(show.resource(stored.body)), headers(stored)
    )

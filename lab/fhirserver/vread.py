"""Read one version of a resource.

Spec: https://hl7.org/fhir/R4/http.html#vread
"""

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.fhir.strict_json import exact
from lab.fhir.view import View
from lab.fhirserver.lookup import deleted, found, unknown
from lab.fhirserver.presentation import presentation
from lab.fhirserver.server import Server
from lab.fhirserver.versions import headers, not_modified
from lab.fhirserver.visibility import holds


def vread(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer the bytes of the version; one that was about an outside patient does not exist."""
    show = presentation(request, server.store.release)
    latest = found(server.store, view, request.type or "", request.id or "")
    version = next((v for v in server.store.versions(latest) if str(v.version) == request.version), None)
    if version is None:
        raise unknown()
    if version.body is None:
        raise deleted()
    if not holds(server.store, view, exact(version.body)):
        raise unknown()
    return not_modified(request, version) or FhirResponse(
        200, show.whole(show.resource(version.body)), headers(version)
    )

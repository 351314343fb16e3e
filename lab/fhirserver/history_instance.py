"""List the versions of one resource, newest first, deletions included.

Spec: https://hl7.org/fhir/R4/http.html#history
"""

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.fhir.view import View
from lab.fhirserver.history import history
from lab.fhirserver.lookup import found
from lab.fhirserver.server import Server
from lab.fhirserver.timeline import Subject


def history_instance(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer a history Bundle of the versions that the view shows; 404 when it shows no such resource."""
    stored = found(server.store, view, request.type or "", request.id or "")
    return history(server, request, view, Subject((stored.type,), stored.id))

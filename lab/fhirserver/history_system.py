"""List the versions of all resources of the server, newest first, deletions included.

Spec: https://hl7.org/fhir/R4/http.html#history
"""

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.fhir.view import View
from lab.fhirserver.history import history
from lab.fhirserver.server import Server
from lab.fhirserver.storage.catalogue import served_types
from lab.fhirserver.timeline import Subject


def history_system(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer a history Bundle of what the histories of the resources that the view shows hold together."""
    return history(server, request, view, Subject(served_types(server.store.release)))

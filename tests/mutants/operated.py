"""Put a function around one operation of the embedded server."""

from collections.abc import Callable

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.fhir.view import View
from lab.fhirserver import dispatch
from lab.fhirserver.server import Server

Operate = Callable[[FhirRequest], FhirResponse]


def around_operation(name: str, change: Callable[[FhirRequest, Operate], FhirResponse]) -> None:
    """Answer the operation by ``change``, which may call the original with another request."""
    original = dispatch.operate

    def changed(server: Server, request: FhirRequest, view: View) -> FhirResponse:
        if request.operation != name:
            return original(server, request, view)
        return change(request, lambda other: original(server, other, view))

    dispatch.operate = changed

"""Put a function around one interaction of the embedded server."""

from collections.abc import Callable

from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.fhir.view import View
from lab.fhirserver.dispatch import PERFORMED
from lab.fhirserver.server import Server

Perform = Callable[[FhirRequest], FhirResponse]


def around(interaction: Interaction, change: Callable[[FhirRequest, Perform], FhirResponse]) -> None:
    """Answer the interaction by ``change``, which may call the original with another request."""
    original = PERFORMED[interaction]

    def changed(server: Server, request: FhirRequest, view: View) -> FhirResponse:
        return change(request, lambda other: original(server, other, view))

    PERFORMED[interaction] = changed

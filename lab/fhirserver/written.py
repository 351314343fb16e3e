"""The answer to a write, as large as the client prefers.

Spec: https://hl7.org/fhir/R4/http.html#ops
"""

import orjson

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse, operation_outcome
from lab.fhirserver.negotiation import preferences
from lab.fhirserver.presentation import presentation
from lab.fhirserver.storage.stored import Stored
from lab.fhirserver.versions import headers, location
from lab.model.release import Release


def written(request: FhirRequest, stored: Stored, status: int, release: Release) -> FhirResponse:
    """Return the answer about the version that is now current."""
    lines = (*headers(stored), location(request, stored))
    match preferences(request).get("return", "representation"):
        case "minimal":
            return FhirResponse(status, b"", lines[1:])
        case "OperationOutcome":
            done = operation_outcome("informational", "The resource is stored.", "information")
            return FhirResponse(status, orjson.dumps(done), lines)
    show = presentation(request, release)
    return FhirResponse(status, show.whole(show.resource(stored.body or b"")), lines)


def forbidden() -> FhirError:
    """Return the one refusal of a write beyond the view, before or after it."""
    return FhirError(403, "forbidden", "This write goes beyond what the client may see.")

"""Run the entries of a batch, each on its own.

Spec: https://hl7.org/fhir/R4/http.html#batch
"""

from collections.abc import Callable

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import View
from lab.fhirserver.bundle import bundle
from lab.fhirserver.entries import Entry, as_entry, as_request, entries

Perform = Callable[[FhirRequest, View], FhirResponse]
"""Run one request; a refusal is a ``FhirError``."""


def batch(request: FhirRequest, view: View, perform: Perform) -> FhirResponse:
    """Answer a batch-response Bundle with one entry for each, in their order."""
    answers = [as_entry(request, each, _answer(request, view, perform, each)) for each in entries(request)]
    return FhirResponse(200, bundle("batch-response", answers))


def _answer(request: FhirRequest, view: View, perform: Perform, each: Entry) -> FhirResponse:
    try:
        return perform(as_request(request, each), view)
    except FhirError as error:
        return error.response()

"""The one interface between the gateway and whatever holds the hospital's data."""

from typing import Protocol

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.fhir.view import View


class Backend(Protocol):
    """A store of FHIR resources that answers a request as seen through a view.

    A backend that cannot narrow a request to the view must refuse it; it never widens it.
    """

    async def answer(self, request: FhirRequest, view: View) -> FhirResponse:
        """Answer the request; errors are answers (OperationOutcome), never exceptions."""
        ...

    def members(self, group: str) -> frozenset[str]:
        """Return the ids of the active patients of a Group; empty when there is no such Group."""
        ...

"""The one interface between the gateway and whatever holds the hospital's data."""

from collections.abc import Collection, Mapping
from typing import Protocol

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.fhir.strict_json import Json
from lab.fhir.view import View


class Backend(Protocol):
    """A store of FHIR resources that answers a request as seen through a view.

    A backend that cannot narrow a request to the view must refuse it; it never widens it.
    """

    async def answer(self, request: FhirRequest, view: View) -> FhirResponse:
        """Answer the request; errors are answers (OperationOutcome), never exceptions."""
        ...

    def seen_times(self, view: View, resources: Collection[Json]) -> Mapping[tuple[str, str], str]:
        """Return when each resource, by type and id, last changed as the view shows it (an instant).

        They are as ``answer`` gave them. What is left out has no such time: a backend that does not know must
        not guess.
        """
        ...

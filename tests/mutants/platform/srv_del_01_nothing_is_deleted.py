"""A deletion is answered as done and does nothing."""

from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirResponse
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-DEL-01"
FLAW = "DELETE answers 204 and the resource is still read"


if __name__ == "__main__":
    around(Interaction.DELETE, lambda _request, _perform: FhirResponse(204, b"", ()))
    main()

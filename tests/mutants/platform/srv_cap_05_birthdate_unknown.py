"""A parameter is declared that the search does not know."""

from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirError
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-CAP-05"
FLAW = "birthdate is declared on Patient, and refused under Prefer: handling=strict"


def _unknown(request, perform):
    strict = "handling=strict" in request.headers.get("prefer", "")
    if strict and any(parameter.name == "birthdate" for parameter in request.parameters):
        raise FhirError(400, "not-supported", "This server does not search by birthdate.")
    return perform(request)


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _unknown)
    main()

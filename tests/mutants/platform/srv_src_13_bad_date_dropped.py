"""A date that is none is dropped, and the search returns everything."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirError
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-13"
FLAW = "birthdate=not-a-date is ignored and every Patient comes back"


def _without_bad_date(request, perform):
    try:
        return perform(request)
    except FhirError:
        kept = tuple(p for p in request.parameters if p.name != "birthdate")
        if kept == request.parameters:
            raise
        return perform(replace(request, parameters=kept))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _without_bad_date)
    main()

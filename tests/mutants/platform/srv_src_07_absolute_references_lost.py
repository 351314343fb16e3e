"""A reference given by its absolute URL is taken for one to another server."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-07"
FLAW = "a search by the absolute URL of a Patient of the server finds nothing"


def _elsewhere(request, perform):
    parameters = tuple(
        replace(p, value=p.value.replace(request.base_url, "https://elsewhere.example/fhir"))
        for p in request.parameters
    )
    return perform(replace(request, parameters=parameters))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _elsewhere)
    main()

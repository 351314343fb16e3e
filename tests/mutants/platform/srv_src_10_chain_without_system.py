"""The system of a chained identifier is lost on the way."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-10"
FLAW = "patient.identifier=system|value finds nothing"


def _broken(request, perform):
    parameters = tuple(
        replace(p, value="|" + p.value.partition("|")[2]) if p.name == "patient.identifier" else p
        for p in request.parameters
    )
    return perform(replace(request, parameters=parameters))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _broken)
    main()

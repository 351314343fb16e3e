"""A quantity is searched by its number alone."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-06"
FLAW = "value-quantity=7.8|http://unitsofmeasure.org|cd finds 7.8 of any unit"


def _number_only(request, perform):
    parameters = tuple(
        replace(p, value=p.value.partition("|")[0]) if p.name == "value-quantity" else p
        for p in request.parameters
    )
    return perform(replace(request, parameters=parameters))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _number_only)
    main()

"""The prefix gt of a date search also finds the day that is asked."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-05"
FLAW = "birthdate=gt1980-05-17 finds who was born that day"


def _or_equal(request, perform):
    parameters = tuple(
        replace(p, value=f"ge{p.value[2:]}") if p.name == "birthdate" and p.value.startswith("gt") else p
        for p in request.parameters
    )
    return perform(replace(request, parameters=parameters))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _or_equal)
    main()

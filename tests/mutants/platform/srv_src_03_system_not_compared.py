"""A token search compares the code alone, whatever system is asked."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-03"
FLAW = "|718-7 finds what bears the code 718-7 of LOINC"


def _any_system(request, perform):
    parameters = tuple(
        replace(p, value=p.value[1:]) if p.value.startswith("|") else p for p in request.parameters
    )
    return perform(replace(request, parameters=parameters))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _any_system)
    main()

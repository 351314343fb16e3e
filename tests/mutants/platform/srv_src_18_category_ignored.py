"""A declared parameter is not searched."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-18"
FLAW = "category of Observation is declared, and ignored"


def _without_category(request, perform):
    kept = tuple(p for p in request.parameters if p.name != "category")
    return perform(replace(request, parameters=kept))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _without_category)
    main()

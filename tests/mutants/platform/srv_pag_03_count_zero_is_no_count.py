"""A count of zero is taken for no count at all."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-PAG-03"
FLAW = "_count=0 returns a page of resources"


def _without_zero(request, perform):
    kept = tuple(p for p in request.parameters if (p.name, p.value) != ("_count", "0"))
    return perform(replace(request, parameters=kept))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _without_zero)
    main()

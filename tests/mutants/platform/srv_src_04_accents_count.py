"""A string search with an accent finds only what is written with that accent."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-04"
FLAW = "family=LÉFÈVRE does not find Lefèvre: accents of the question count"


def _with_accents(request, perform):
    parameters = tuple(
        replace(p, modifier="exact") if not (p.value.isascii() or p.modifier) else p
        for p in request.parameters
    )
    return perform(replace(request, parameters=parameters))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _with_accents)
    main()

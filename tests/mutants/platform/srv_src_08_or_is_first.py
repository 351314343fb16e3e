"""Of several values parted by commas only the first one is searched."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-08"
FLAW = "code=a,b finds only a"


def _broken(request, perform):
    parameters = tuple(
        replace(p, value=p.value.partition(",")[0]) if p.name in {"class", "code"} else p
        for p in request.parameters
    )
    return perform(replace(request, parameters=parameters))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _broken)
    main()

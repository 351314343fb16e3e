"""A comma in a value parts it, escaped or not."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-08"
FLAW = "identifier=x\\,y finds what has the identifier y"


def _broken(request, perform):
    parameters = tuple(
        replace(p, value=p.value.replace("\\,", ",")) if p.name == "identifier" else p
        for p in request.parameters
    )
    return perform(replace(request, parameters=parameters))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _broken)
    main()

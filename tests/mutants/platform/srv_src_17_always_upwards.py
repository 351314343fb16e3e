"""The minus of _sort is not read."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-17"
FLAW = "_sort=-birthdate gives the oldest first"


def _broken(request, perform):
    parameters = tuple(
        replace(p, value=p.value.lstrip("-")) if p.name == "_sort" else p for p in request.parameters
    )
    return perform(replace(request, parameters=parameters))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _broken)
    main()

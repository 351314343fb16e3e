"""What a client prefers is not read."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-12"
FLAW = "an unknown parameter is ignored under Prefer: handling=strict too"


def _broken(request, perform):
    headers = {name: value for name, value in request.headers.items() if name != "prefer"}
    return perform(replace(request, headers=headers))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _broken)
    main()

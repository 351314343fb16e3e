"""An update does not look at If-Match, although versioned-update is declared."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-UPD-03"
FLAW = "a PUT with a stale If-Match overwrites the newer version"


def _whatever_the_version(request, perform):
    headers = {name: value for name, value in request.headers.items() if name != "if-match"}
    return perform(replace(request, headers=headers))


if __name__ == "__main__":
    around(Interaction.UPDATE, _whatever_the_version)
    main()

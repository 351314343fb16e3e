"""A scope to read lets the client delete."""

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.holes import admit, widen

KILLED_BY = "L3-03"
FLAW = "delete is allowed to a client whose scopes are read-only"
CLIENT = "reference-restricted"


def deletes(request):
    return request.interaction is Interaction.DELETE


if __name__ == "__main__":
    admit(deletes, CLIENT)
    widen(lambda request, client: client == CLIENT and deletes(request))
    main()

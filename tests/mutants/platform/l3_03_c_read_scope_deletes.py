"""A scope to read lets one application delete."""

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.holes import admit, widen

KILLED_BY = "L3-03-C"
FLAW = "delete is allowed to an application whose scopes are read-only"
CLIENT = "reference-client"


def deletes(request):
    return request.interaction is Interaction.DELETE


if __name__ == "__main__":
    admit(deletes, CLIENT)
    widen(lambda request, client: client == CLIENT and deletes(request))
    main()

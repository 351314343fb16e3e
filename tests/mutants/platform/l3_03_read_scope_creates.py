"""A scope to read lets the client create."""

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.holes import admit, widen

KILLED_BY = "L3-03"
FLAW = "create is allowed to a client whose scopes are read-only"
CLIENT = "reference-restricted"


def creates(request):
    return request.interaction is Interaction.CREATE


if __name__ == "__main__":
    admit(creates, CLIENT)
    widen(lambda request, client: client == CLIENT and creates(request))
    main()

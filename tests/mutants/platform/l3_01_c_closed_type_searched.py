"""The searches of one application are not compared with its scopes."""

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.holes import admit, widen

KILLED_BY = "L3-01-C"
FLAW = "a search on a type outside the scopes of the application is served"
CLIENT = "reference-client"
OPEN = {"Patient", "Observation", "Encounter"}


def searched(request):
    return request.interaction is Interaction.SEARCH_TYPE and request.type not in OPEN


if __name__ == "__main__":
    admit(searched, CLIENT)
    widen(lambda request, client: client == CLIENT and searched(request))
    main()

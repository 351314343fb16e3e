"""A search is not compared with the scopes."""

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.holes import admit, widen

KILLED_BY = "L3-01"
FLAW = "a search on a type outside the scopes is served"
CLIENT = "reference-restricted"
OPEN = {"Patient", "Observation"}


def searched(request):
    return request.interaction is Interaction.SEARCH_TYPE and request.type not in OPEN


if __name__ == "__main__":
    admit(searched, CLIENT)
    widen(lambda request, client: client == CLIENT and searched(request))
    main()

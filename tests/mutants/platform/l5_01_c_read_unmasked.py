"""A read of one application is not masked."""

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.holes import unmask

KILLED_BY = "L5-01-C"
FLAW = "a masked element is given to the application that reads by id"


if __name__ == "__main__":
    unmask(lambda request, client: client == "reference-client" and request.interaction is Interaction.READ)
    main()

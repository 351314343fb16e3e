"""A read of one application is not confined to its cohort."""

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.holes import widen

KILLED_BY = "L4-01-C"
FLAW = "a patient outside the cohort of the application is read by id"


if __name__ == "__main__":
    widen(lambda request, client: client == "reference-client" and request.interaction is Interaction.READ)
    main()

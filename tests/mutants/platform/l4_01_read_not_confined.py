"""A read by id is not confined to the cohort."""

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.holes import widen

KILLED_BY = "L4-01"
FLAW = "a resource outside the cohort is read by its id"


if __name__ == "__main__":
    widen(lambda request, _: request.interaction is Interaction.READ and "host" in request.headers)
    main()

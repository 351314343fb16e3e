"""A search without a filter gives the whole type to one application."""

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.holes import widen

KILLED_BY = "L4-05-C"
FLAW = "an unfiltered search of patients is not confined to the cohort"


def unfiltered(request, client):
    names = {parameter.name for parameter in request.parameters}
    return (
        client == "reference-client"
        and request.interaction is Interaction.SEARCH_TYPE
        and request.type == "Patient"
        and names <= {"_count"}
    )


if __name__ == "__main__":
    widen(unfiltered)
    main()

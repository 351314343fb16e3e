"""A version that does not exist is answered with the latest."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirError
from lab.fhirserver.dispatch import PERFORMED
from lab.sandbox.serve import main

KILLED_BY = "SRV-VER-02"
FLAW = "an unknown version is answered with the latest version"


def _or_the_latest(server, request, view):
    try:
        return sound(server, request, view)
    except FhirError:
        read = replace(request, interaction=Interaction.READ)
        return PERFORMED[Interaction.READ](server, read, view)


if __name__ == "__main__":
    sound = PERFORMED[Interaction.VREAD]
    PERFORMED[Interaction.VREAD] = _or_the_latest
    main()

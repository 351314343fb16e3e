"""Histories are told whole, whatever _since says."""

from lab.fhirserver import history
from lab.fhirserver.storage.times import BEGINNING
from lab.sandbox.serve import main

KILLED_BY = "SRV-VER-04"
FLAW = "_since does not confine a history"


def _from_the_beginning(server, understood):
    return sound(server, understood)._replace(since=BEGINNING)


if __name__ == "__main__":
    sound = history._span
    history._span = _from_the_beginning
    main()

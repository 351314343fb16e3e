"""The references between the entries of a transaction stay as they were sent."""

from lab.fhirserver import transaction
from lab.sandbox.serve import main

KILLED_BY = "SRV-BUN-02"
FLAW = "urn:uuid references of a transaction are stored as they came"


def _only_the_conditional(server, request, view, each, _):
    return sound(server, request, view, each, {})


if __name__ == "__main__":
    sound = transaction.rewritten
    transaction.rewritten = _only_the_conditional
    main()

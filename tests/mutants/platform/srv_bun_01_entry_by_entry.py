"""A transaction is run as a batch: each entry on its own."""

from lab.fhir.interaction import Interaction
from lab.fhirserver.dispatch import PERFORMED
from lab.sandbox.serve import main

KILLED_BY = "SRV-BUN-01"
FLAW = "the good entries of a transaction are stored although one is refused"


if __name__ == "__main__":
    PERFORMED[Interaction.TRANSACTION] = PERFORMED[Interaction.BATCH]
    main()

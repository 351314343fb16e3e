"""A count is that of the whole hospital."""

from lab.sandbox.serve import main
from tests.mutants.holes import widen

KILLED_BY = "L4-06"
FLAW = "_summary=count is not confined to the cohort"
CLIENT = "reference-restricted"


if __name__ == "__main__":
    widen(lambda request, client: client == CLIENT and request.values("_summary") == ("count",))
    main()

"""A form of reference that the cohort filter does not know is not confined."""

from lab.sandbox.serve import main
from tests.mutants.holes import widen

KILLED_BY = "L4-07"
FLAW = "an absolute reference in the patient parameter escapes the cohort"


def absolute(request, client):
    del client
    return any(value.startswith("http") for value in request.values("patient"))


if __name__ == "__main__":
    widen(absolute)
    main()

"""The entries of a batch are not confined to the cohort."""

from lab.sandbox.serve import main
from tests.mutants.holes import widen

KILLED_BY = "L4-17"
FLAW = "an entry of a batch reads outside the cohort"


if __name__ == "__main__":
    widen(lambda request, _: request.type is not None and "host" not in request.headers)
    main()

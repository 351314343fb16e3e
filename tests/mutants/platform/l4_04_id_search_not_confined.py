"""A search by _id replaces the cohort instead of being joined to it."""

from lab.sandbox.serve import main
from tests.mutants.holes import has, widen

KILLED_BY = "L4-04"
FLAW = "a search of patients by _id is not confined to the cohort"


if __name__ == "__main__":
    widen(lambda request, _: request.type == "Patient" and has(request, "_id"))
    main()

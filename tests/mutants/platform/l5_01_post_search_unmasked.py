"""A search by POST is not masked."""

from lab.sandbox.serve import main
from tests.mutants.holes import unmask

KILLED_BY = "L5-01"
FLAW = "the answer to POST _search keeps masked elements"


if __name__ == "__main__":
    unmask(lambda request, _: request.method == "POST")
    main()

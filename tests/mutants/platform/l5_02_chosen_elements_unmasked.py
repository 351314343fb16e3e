"""The elements that a client chooses are not masked."""

from lab.sandbox.serve import main
from tests.mutants.holes import has, unmask

KILLED_BY = "L5-02"
FLAW = "_elements brings masked elements out"


if __name__ == "__main__":
    unmask(lambda request, _: has(request, "_elements"))
    main()

"""What refers to the matches of a search is brought without being compared with the scopes."""

from lab.sandbox.serve import main
from tests.mutants.holes import EVERY_TYPE, has, widen

KILLED_BY = "L3-09"
FLAW = "_revinclude brings resources of types outside the scopes"


if __name__ == "__main__":
    widen(lambda request, _: has(request, "_revinclude"), *EVERY_TYPE, hidden_only=True)
    main()

"""What is included along with a search is not compared with the scopes."""

from lab.sandbox.serve import main
from tests.mutants.holes import EVERY_TYPE, has, widen

KILLED_BY = "L3-09"
FLAW = "_include brings resources of types outside the scopes"


if __name__ == "__main__":
    widen(lambda request, _: has(request, "_include"), *EVERY_TYPE, hidden_only=True)
    main()

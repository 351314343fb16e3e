"""A sub-search is evaluated on types outside the scopes."""

from lab.sandbox.serve import main
from tests.mutants.holes import EVERY_TYPE, has, widen

KILLED_BY = "L3-23"
FLAW = "_has reads types outside the scopes"


if __name__ == "__main__":
    widen(
        lambda request, _: has(request, "_has"),
        *EVERY_TYPE,
        hidden_only=True,
    )
    main()

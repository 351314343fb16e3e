"""A sub-search is evaluated on types outside the scopes."""

from lab.sandbox.serve import main
from tests.mutants.holes import EVERY_TYPE, widen

KILLED_BY = "L3-23"
FLAW = "a chained search reads types outside the scopes"


if __name__ == "__main__":
    widen(
        lambda request, _: any("." in parameter.name for parameter in request.parameters),
        *EVERY_TYPE,
        hidden_only=True,
    )
    main()

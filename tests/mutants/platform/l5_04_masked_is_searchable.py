"""What is masked can still be searched by."""

from lab.gateway import level5_attributes
from lab.gateway.decision import Decision
from lab.sandbox.serve import main

KILLED_BY = "L5-04"
FLAW = "a search by a masked element is evaluated"


def decide(request, masks):
    del request, masks
    return Decision(5, allow=True, rule="masks", reason="applied to the answer only")


if __name__ == "__main__":
    level5_attributes.decide = decide
    main()

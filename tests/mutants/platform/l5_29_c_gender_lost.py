"""The mask takes an element that the policy does not name."""

from lab.sandbox.serve import main
from tests.mutants.holes import mask_otherwise

KILLED_BY = "L5-29-C"
FLAW = "the mask also removes the gender of patients"


def lose(_, masked):
    masked.pop("gender", None)


if __name__ == "__main__":
    mask_otherwise(lose)
    main()

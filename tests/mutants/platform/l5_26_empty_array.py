"""What is masked is left as an empty array, which is no FHIR."""

from lab.sandbox.serve import main
from tests.mutants.holes import mask_otherwise

KILLED_BY = "L5-26"
FLAW = "a masked element is left as an empty array"


def leave(_, masked):
    if masked.get("resourceType") == "Patient":
        masked["address"] = []


if __name__ == "__main__":
    mask_otherwise(leave)
    main()

"""The mask takes an element that the policy does not name."""

from lab.gateway import mask
from lab.sandbox.serve import main

KILLED_BY = "L5-29"
FLAW = "the mask also removes the gender of patients"

sound = mask._mask_resource


def mask_resource(resource, paths):
    sound(resource, paths)
    resource.pop("gender", None)


if __name__ == "__main__":
    mask._mask_resource = mask_resource
    main()

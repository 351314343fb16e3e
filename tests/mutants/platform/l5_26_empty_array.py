"""What is masked is left as an empty array, which is no FHIR."""

from lab.gateway import ruling
from lab.sandbox.serve import main

KILLED_BY = "L5-26"
FLAW = "a masked element is left as an empty array"

sound = ruling.compile_mask


def compile_mask(paths):
    paths = tuple(paths)
    whole = sound(paths)

    def mask(resource):
        whole(resource)
        for one in [resource, *(entry.get("resource", {}) for entry in resource.get("entry", []))]:
            if one.get("resourceType") == "Patient":
                one["address"] = []
        return resource

    return mask if paths else whole


if __name__ == "__main__":
    ruling.compile_mask = compile_mask
    main()

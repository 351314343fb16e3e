"""What is included says that it matched."""

import json

from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirResponse
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-14"
FLAW = "included resources have search.mode = match"


def _all_match(request, perform):
    answer = perform(request)
    bundle = json.loads(answer.body)
    for entry in bundle.get("entry", []):
        if entry.get("search", {}).get("mode") == "include":
            entry["search"]["mode"] = "match"
    return FhirResponse(answer.status, json.dumps(bundle).encode(), answer.headers)


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _all_match)
    main()

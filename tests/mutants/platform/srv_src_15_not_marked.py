"""What _summary leaves incomplete does not say so."""

import json

from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirResponse
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-15"
FLAW = "_summary cuts resources without the tag SUBSETTED"


def _unmarked(request, perform):
    answer = perform(request)
    if not any(p.name == "_summary" for p in request.parameters):
        return answer
    bundle = json.loads(answer.body)
    for entry in bundle.get("entry", []):
        entry["resource"].get("meta", {}).pop("tag", None)
    return FhirResponse(answer.status, json.dumps(bundle).encode(), answer.headers)


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _unmarked)
    main()

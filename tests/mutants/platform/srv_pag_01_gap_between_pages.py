"""One resource falls into the gap between two pages."""

import json

from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirResponse
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-PAG-01"
FLAW = "the last match of a page that has a next link is lost"


def _one_less(request, perform):
    answer = perform(request)
    bundle = json.loads(answer.body)
    if len(bundle.get("entry", [])) > 1 and any(link["relation"] == "next" for link in bundle["link"]):
        bundle["entry"].pop()
    return FhirResponse(answer.status, json.dumps(bundle).encode(), answer.headers)


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _one_less)
    main()

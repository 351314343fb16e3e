"""Next links name the host that the server has inside its own network."""

import json

from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirResponse
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-PAG-02"
FLAW = "next links lead to an internal host instead of the public address"


def _from_inside(request, perform):
    answer = perform(request)
    bundle = json.loads(answer.body)
    for link in bundle["link"]:
        if link["relation"] == "next":
            link["url"] = link["url"].replace(request.base_url, "http://fhir.internal:8080/fhir")
    return FhirResponse(answer.status, json.dumps(bundle).encode(), answer.headers)


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _from_inside)
    main()

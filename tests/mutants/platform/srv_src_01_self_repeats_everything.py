"""The self link repeats what was asked, understood or not."""

import json
from urllib.parse import urlencode

from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirResponse
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-01"
FLAW = "the self link names a parameter that the server ignored"


def _as_asked(request, perform):
    answer = perform(request)
    bundle = json.loads(answer.body)
    query = urlencode([(p.name, p.value) for p in request.parameters])
    for link in bundle["link"]:
        if link["relation"] == "self":
            link["url"] = f"{request.base_url}/{request.type}?{query}"
    return FhirResponse(answer.status, json.dumps(bundle).encode(), answer.headers)


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _as_asked)
    main()

"""The labels of a resource are not searched, though the self link says so."""

import json
from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirResponse
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-09"
FLAW = "_security is taken for understood, and finds everything"


def _broken(request, perform):
    kept = tuple(p for p in request.parameters if p.name != "_security")
    answer = perform(replace(request, parameters=kept))
    if kept == request.parameters:
        return answer
    bundle = json.loads(answer.body)
    for link in bundle["link"]:
        link["url"] += "&_security=any"
    return FhirResponse(answer.status, json.dumps(bundle).encode(), answer.headers)


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _broken)
    main()

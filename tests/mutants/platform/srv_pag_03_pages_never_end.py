"""The last page of a search links to itself as the next one."""

import json

from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirResponse
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-PAG-03"
FLAW = "the last page has a next link, to itself"


def _onward(request, perform):
    answer = perform(request)
    bundle = json.loads(answer.body)
    links = {link["relation"]: link["url"] for link in bundle["link"]}
    if "next" not in links and "_page" in links["self"]:
        bundle["link"].append({"relation": "next", "url": links["self"]})
    return FhirResponse(answer.status, json.dumps(bundle).encode(), answer.headers)


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _onward)
    main()

"""A patient of the cohort is lost to one application."""

import orjson

from lab.fhir.response import FhirResponse
from lab.gateway.serving import Service
from lab.sandbox.serve import main

KILLED_BY = "L4-05-C"
FLAW = "the last patient of a search is left out"

sound = Service.serve


async def serve(self, request):
    answer, decision = await sound(self, request)
    searched = request.type == "Patient" and self.grant.client_id == "reference-client"
    bundle = orjson.loads(answer.body) if searched and answer.status == 200 else {}
    if len(bundle.get("entry", [])) > 1:
        bundle["entry"].pop()
        answer = FhirResponse(200, orjson.dumps(bundle), answer.headers)
    return answer, decision


if __name__ == "__main__":
    Service.serve = serve
    main()

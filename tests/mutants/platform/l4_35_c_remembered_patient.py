"""What was once found stays readable."""

import orjson

from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirResponse
from lab.gateway.serving import Service
from lab.sandbox.serve import main

KILLED_BY = "L4-35-C"
FLAW = "a patient who left the cohort is still read by the application that had found it"

sound = Service.serve
found = {}


async def serve(self, request):
    answer, decision = await sound(self, request)
    if request.type != "Patient" or self.grant.client_id != "reference-client":
        return answer, decision
    if request.interaction is Interaction.SEARCH_TYPE and answer.status == 200:
        resources = [entry["resource"] for entry in orjson.loads(answer.body).get("entry", [])]
        found.update({one["id"]: one for one in resources})
    if request.interaction is Interaction.READ and answer.status == 404 and request.id in found:
        answer = FhirResponse(200, orjson.dumps(found[request.id]))
    return answer, decision


if __name__ == "__main__":
    Service.serve = serve
    main()

"""A patient of the cohort is lost to one application."""

import orjson

from lab.fhir.response import FhirResponse
from lab.gateway import application
from lab.sandbox.serve import main

KILLED_BY = "L4-05"
FLAW = "the last patient of a search is left out"

sound = application._serve


async def serve(gateway, request, grant, registration, decided):
    answer, decision = await sound(gateway, request, grant, registration, decided)
    searched = request.type == "Patient" and grant.client_id == "reference-client"
    bundle = orjson.loads(answer.body) if searched and answer.status == 200 else {}
    if len(bundle.get("entry", [])) > 1:
        bundle["entry"].pop()
        answer = FhirResponse(200, orjson.dumps(bundle), answer.headers)
    return answer, decision


if __name__ == "__main__":
    application._serve = serve
    main()

"""The label of a reference repeats a masked datum."""

import orjson

from lab.fhir.request import parse
from lab.fhir.response import FhirResponse
from lab.fhir.view import EVERYTHING
from lab.gateway.serving import Service
from lab.sandbox.serve import main

KILLED_BY = "L5-13-C"
FLAW = "the subject of an Encounter is labelled with the phone number of the patient"

sound = Service.serve


async def phone_of(asked, backend, reference):
    request = parse("GET", reference, "", {}, b"", base_url=asked.base_url)
    patient = orjson.loads((await backend.answer(request, EVERYTHING)).body)
    return next((contact["value"] for contact in patient.get("telecom", [])), "")


async def serve(self, request):
    answer, decision = await sound(self, request)
    searched = request.type == "Encounter" and self.grant.client_id == "reference-client"
    bundle = orjson.loads(answer.body) if searched and answer.status == 200 else {}
    for entry in bundle.get("entry", []):
        subject = entry["resource"]["subject"]
        subject["display"] = await phone_of(request, self.backend, subject["reference"])
    return (FhirResponse(200, orjson.dumps(bundle), answer.headers) if bundle else answer), decision


if __name__ == "__main__":
    Service.serve = serve
    main()

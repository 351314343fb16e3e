"""Patients have a narrative, and the mask leaves it."""

import orjson

from lab.fhir.response import FhirResponse
from lab.fhirserver.backend import EmbeddedBackend
from lab.sandbox.serve import main
from tests.mutants.holes import mask_otherwise

KILLED_BY = "L5-10"
FLAW = "the narrative of a patient repeats the masked address"

sound_answer = EmbeddedBackend.answer


def narrate(resource):
    cities = [address.get("city", "") for address in resource.get("address", [])]
    if resource.get("resourceType") == "Patient" and cities:
        div = f'<div xmlns="http://www.w3.org/1999/xhtml">{cities[0]}</div>'
        resource["text"] = {"status": "generated", "div": div}


async def answer(backend, request, view):
    given = await sound_answer(backend, request, view)
    if not given.body or not view.binding.startswith(("reference-full", "reference-restricted")):
        return given
    whole = orjson.loads(given.body)
    for resource in [whole, *(entry.get("resource", {}) for entry in whole.get("entry", []))]:
        narrate(resource)
    return FhirResponse(given.status, orjson.dumps(whole), given.headers)


def keep(before, masked):
    if "text" in before:
        masked["text"] = before["text"]


if __name__ == "__main__":
    EmbeddedBackend.answer = answer
    mask_otherwise(keep)
    main()

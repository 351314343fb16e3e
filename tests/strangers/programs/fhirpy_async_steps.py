"""The steps as a user of fhirpy writes them, the asynchronous client."""

import asyncio

from fhirpy import AsyncFHIRClient
from steps import say, told

case = told()
http = AsyncFHIRClient(case["base"])
made = {}


async def failing(call):
    """Await what must be refused; name the error."""
    try:
        given = await call
    except Exception as error:  # noqa: BLE001 - whichever type the client raises is what is looked at
        return type(error).__name__
    return f"nothing was raised: {given!r}"


async def capabilities():
    return (await http.execute("metadata", method="get")).fhirVersion


async def read():
    return await http.get("Patient", case["patient"])


async def search_by_identifier():
    search = http.resources("Patient").search(identifier=case["identifier"])
    return [found.id for found in await search.fetch()]


async def search_to_the_end():
    return sorted([found.id async for found in http.resources("Encounter").limit(case["page"])])


async def search_of_a_patient():
    search = http.resources("Observation").search(patient=case["patient"]).limit(case["page"])
    return sorted(found.id for found in await search.fetch_all())


async def create():
    made["patient"] = await http.resource("Patient", **case["sent"]).create()
    return made["patient"].meta.versionId


async def update():
    patient = made["patient"]
    patient["birthDate"] = "1950-05-05"
    await patient.save()
    return [patient.meta.versionId, patient.birthDate]


async def refresh():
    patient = await made["patient"].refresh()
    return [patient.meta.versionId, patient.birthDate]


async def history():
    bundle = await http.execute(f"Patient/{made['patient'].id}/_history", method="get")
    return [entry.resource.meta.versionId for entry in bundle.entry]


async def stale_update():
    late = AsyncFHIRClient(case["base"], extra_headers={"If-Match": 'W/"1"'})
    return await failing(late.resource("Patient", **made["patient"].serialize()).save())


async def conditional_update():
    search = http.resources("Patient").search(identifier=case["token"])
    kept, created = await search.update(http.resource("Patient", **{**case["sent"], "gender": "other"}))
    return [not created and kept.id == made["patient"].id, kept.gender]


async def transaction():
    answer = await http.execute("", data=case["transaction"])
    patient, observation = (entry.response.location.split("/_history")[0] for entry in answer.entry)
    kept = await http.get("Observation", observation.split("/")[-1])
    return kept.subject.reference == "Patient/" + patient.split("/")[-1]


async def rolled_back():
    refused = await failing(http.execute("", data=case["impossible"]))
    left = await http.resources("Patient").search(identifier=case["impossible_token"]).fetch()
    return [refused, len(left)]


async def batch():
    return [entry.response.status[:3] for entry in (await http.execute("", data=case["batch"])).entry]


async def missing():
    return await failing(http.get("Patient", "nobody"))


async def conditional_delete():
    await http.resources("Patient").search(identifier=case["token"]).delete()
    return await failing(http.get("Patient", made["patient"].id))


async def delete():
    created = await http.resource("Patient", **case["sent"]).create()
    await created.delete()
    return await failing(http.get("Patient", created.id))


async def main():
    """Run every step; one that fails does not stop those after it."""
    for step in (
        capabilities,
        read,
        search_by_identifier,
        search_to_the_end,
        search_of_a_patient,
        create,
        update,
        refresh,
        history,
        stale_update,
        conditional_update,
        transaction,
        rolled_back,
        batch,
        missing,
        conditional_delete,
        delete,
    ):
        try:
            say(step.__name__, await step())
        except Exception as error:  # noqa: BLE001 - the test says that this step failed
            say(step.__name__, f"{type(error).__name__}: {error}")


asyncio.run(main())

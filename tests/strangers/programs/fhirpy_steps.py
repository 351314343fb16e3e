"""The steps as a user of fhirpy writes them, the synchronous client."""

from fhirpy import SyncFHIRClient
from steps import failing, run, told

case = told()
http = SyncFHIRClient(case["base"])
made = {}


def read():
    return http.get("Patient", case["patient"])


def search_by_identifier():
    return [found.id for found in http.resources("Patient").search(identifier=case["identifier"]).fetch()]


def search_to_the_end():
    return sorted(found.id for found in http.resources("Encounter").limit(case["page"]).fetch_all())


def search_of_a_patient():
    search = http.resources("Observation").search(patient=case["patient"]).limit(case["page"])
    return sorted(found.id for found in search.fetch_all())


def include():
    search = http.resources("Encounter").search(patient=case["patient"]).include("Encounter", "subject")
    return sorted(f"{e.resource.resource_type}/{e.resource.id}" for e in search.fetch_raw().entry)


def count():
    return http.resources("Observation").search(patient=case["patient"]).count()


def create():
    made["patient"] = http.resource("Patient", **case["sent"]).create()
    return made["patient"].meta.versionId


def update():
    patient = made["patient"]
    patient["birthDate"] = "1950-05-05"
    patient.save()
    return [patient.meta.versionId, patient.birthDate]


def refresh():
    patient = made["patient"].refresh()
    return [patient.meta.versionId, patient.birthDate]


def history():
    bundle = http.execute(f"Patient/{made['patient'].id}/_history", method="get")
    return [entry.resource.meta.versionId for entry in bundle.entry]


def read_a_version():
    return http.execute(f"Patient/{made['patient'].id}/_history/1", method="get").birthDate


def stale_update():
    late = SyncFHIRClient(case["base"], extra_headers={"If-Match": 'W/"1"'})
    return failing(late.resource("Patient", **made["patient"].serialize()).save)


def conditional_create():
    search = http.resources("Patient").search(identifier=case["token"])
    once = SyncFHIRClient(case["base"], extra_headers={"If-None-Exist": f"identifier={case['token']}"})
    known = once.resource("Patient", **case["sent"]).create()
    return known.id == made["patient"].id == search.get().id


def conditional_update():
    search = http.resources("Patient").search(identifier=case["token"])
    kept, created = search.update(http.resource("Patient", **{**case["sent"], "gender": "other"}))
    return [not created and kept.id == made["patient"].id, kept.gender]


def transaction():
    answer = http.execute("", data=case["transaction"])
    patient, observation = (entry.response.location.split("/_history")[0] for entry in answer.entry)
    kept = http.get("Observation", observation.split("/")[-1])
    return kept.subject.reference == "Patient/" + patient.split("/")[-1]


def rolled_back():
    refused = failing(lambda: http.execute("", data=case["impossible"]))
    return [refused, len(http.resources("Patient").search(identifier=case["impossible_token"]).fetch())]


def batch():
    return [entry.response.status[:3] for entry in http.execute("", data=case["batch"]).entry]


def everything():
    reference = http.reference("Patient", case["patient"])
    bundle = reference.execute("$everything", method="get", params={"_type": "Encounter"})
    return sorted(e.resource.id for e in bundle.entry if e.resource.resourceType == "Encounter")


def validate():
    return http.resource("Patient", **case["sent"]).is_valid()


def missing():
    return failing(lambda: http.get("Patient", "nobody"))


def conditional_delete():
    http.resources("Patient").search(identifier=case["token"]).delete()
    return failing(lambda: http.get("Patient", made["patient"].id))


def delete():
    created = http.resource("Patient", **case["sent"]).create()
    created.delete()
    return failing(lambda: http.get("Patient", created.id))


run(
    {
        "capabilities": lambda: http.execute("metadata", method="get").fhirVersion,
        "read": read,
        "search_by_identifier": search_by_identifier,
        "search_to_the_end": search_to_the_end,
        "search_of_a_patient": search_of_a_patient,
        "include": include,
        "count": count,
        "create": create,
        "update": update,
        "refresh": refresh,
        "history": history,
        "read_a_version": read_a_version,
        "stale_update": stale_update,
        "conditional_create": conditional_create,
        "conditional_update": conditional_update,
        "transaction": transaction,
        "rolled_back": rolled_back,
        "batch": batch,
        "everything": everything,
        "validate": validate,
        "missing": missing,
        "conditional_delete": conditional_delete,
        "delete": delete,
        "patch": lambda: failing(lambda: http.patch("Patient", case["patient"], gender="other")),
    }
)

"""The steps as a user of fhirclient (SMART client-py) writes them."""

from fhirclient import client
from fhirclient.models.bundle import Bundle
from fhirclient.models.encounter import Encounter
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from steps import failing, run, told

case = told()
server = client.FHIRClient(settings={"app_id": "stranger", "api_base": case["base"]}).server
made = {}


def with_header(name, value, call):
    """Run a call whose requests carry one more header."""
    server.session.headers[name] = value
    try:
        return call()
    finally:
        del server.session.headers[name]


def read():
    return Patient.read(case["patient"], server).as_json()


def search_by_identifier():
    search = Patient.where({"identifier": case["identifier"]})
    return [found.id for found in search.perform_resources(server)]


def search_to_the_end():
    search = Encounter.where({"_count": str(case["page"])})
    return sorted(found.id for found in search.perform_resources_iter(server))


def search_of_a_patient():
    search = Observation.where({"patient": case["patient"], "_count": str(case["page"])})
    return sorted(found.id for found in search.perform_resources_iter(server))


def include():
    search = Encounter.where({"patient": case["patient"]}).include("subject")
    return sorted(found.relativePath() for found in search.perform_resources(server))


def create():
    made.update(Patient(case["sent"]).create(server))
    return made["meta"]["versionId"]


def update():
    kept = Patient.read(made["id"], server)
    kept.birthDate = type(kept.birthDate)("1950-05-05")
    kept.update()
    kept = Patient.read(made["id"], server)
    return [kept.meta.versionId, kept.birthDate.isostring]


def history():
    bundle = Bundle.read_from(f"Patient/{made['id']}/_history", server)
    return [entry.resource.meta.versionId for entry in bundle.entry]


def read_a_version():
    return Patient.read_from(f"Patient/{made['id']}/_history/1", server).birthDate.isostring


def stale_update():
    return with_header("If-Match", 'W/"1"', lambda: failing(Patient.read(made["id"], server).update))


def conditional_create():
    criteria = f"identifier={case['token']}"
    known = with_header("If-None-Exist", criteria, lambda: Patient(case["sent"]).create(server))
    return known["id"] == made["id"]


def conditional_update():
    answer = server.put_json(f"Patient?identifier={case['token']}", {**case["sent"], "gender": "other"})
    return [answer.json()["id"] == made["id"], answer.json()["gender"]]


def transaction():
    answer = Bundle(case["transaction"]).create(server)
    patient, observation = (entry["response"]["location"].split("/_history")[0] for entry in answer["entry"])
    kept = Observation.read_from(observation, server)
    return kept.subject.reference == "Patient/" + patient.split("/")[-1]


def rolled_back():
    refused = failing(lambda: Bundle(case["impossible"]).create(server))
    left = Patient.where({"identifier": case["impossible_token"]}).perform_resources(server)
    return [refused, len(left)]


def batch():
    return [entry["response"]["status"][:3] for entry in Bundle(case["batch"]).create(server)["entry"]]


def everything():
    bundle = Bundle.read_from(f"Patient/{case['patient']}/$everything?_type=Encounter", server)
    return sorted(entry.resource.id for entry in bundle.entry if entry.resource.resource_type == "Encounter")


def missing():
    return failing(lambda: Patient.read("nobody", server))


def conditional_delete():
    server.delete_json(f"Patient?identifier={case['token']}")
    return failing(lambda: Patient.read(made["id"], server))


def delete():
    created = Patient(case["sent"]).create(server)
    Patient.read(created["id"], server).delete()
    return failing(lambda: Patient.read(created["id"], server))


run(
    {
        "capabilities": lambda: server.capabilityStatement.fhirVersion,
        "read": read,
        "search_by_identifier": search_by_identifier,
        "search_to_the_end": search_to_the_end,
        "search_of_a_patient": search_of_a_patient,
        "include": include,
        "create": create,
        "update": update,
        "history": history,
        "read_a_version": read_a_version,
        "stale_update": stale_update,
        "conditional_create": conditional_create,
        "conditional_update": conditional_update,
        "transaction": transaction,
        "rolled_back": rolled_back,
        "batch": batch,
        "everything": everything,
        "missing": missing,
        "conditional_delete": conditional_delete,
        "delete": delete,
    }
)

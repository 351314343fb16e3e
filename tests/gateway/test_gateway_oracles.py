"""Level 5 on requests: nothing that reads a masked element is evaluated, by whatever way it is written."""

import json

import pytest
from gateway_hospital import INS, get, post

CONSTANT = "A parameter of this request is not available to this application."


def issues(answer):
    return [issue["diagnostics"] for issue in answer.json()["issue"]]


@pytest.mark.parametrize(
    ("type_", "name", "value"),
    [
        ("Patient", "address-city", "Muret"),
        ("Patient", "address:exact", "Muret"),
        ("Patient", "address:missing", "true"),
        ("Patient", "phone", "0612"),
        ("Patient", "telecom:not", "x"),
        ("Patient", "_sort", "address-city"),
        ("Patient", "_sort", "-address-city"),
        ("Patient", "identifier", f"{INS}|1"),
        ("Patient", "identifier", "1"),
        ("Patient", "identifier", f"|1,{INS}|1"),
        ("Patient", "identifier:of-type", "x|y|1"),
        ("Patient", "_has:Patient:link:address-city", "Muret"),
        ("Patient", "_content", "Muret"),
        ("Patient", "_filter", "address co Muret"),
        ("Patient", "_security", "R"),
        ("Patient", "_tag", "x"),
        ("Patient", "_has:Observation:patient:subject:Patient.address-city", "Muret"),
        ("Observation", "patient.address-city", "Muret"),
        ("Observation", "subject:Patient.address-city", "Muret"),
        ("Observation", "subject:identifier", f"{INS}|1"),
        ("Observation", "encounter:Encounter.subject:Patient.address-city", "Muret"),
        ("Observation", "encounter.subject:Patient.address-city", "Muret"),
        ("Observation", "encounter", "Encounter/1"),
        ("Observation", "_include", "Observation:encounter"),
        ("Observation", "_include", "*"),
        ("Encounter", "_revinclude", "Observation:encounter"),
        ("Encounter", "_revinclude:iterate", "Observation:encounter"),
        ("Encounter", "_has:Observation:encounter:code", "x"),
        ("Encounter", "subject:Patient.link:Patient.address-city", "Muret"),
    ],
)
def test_what_reads_a_masked_element_gets_one_constant_refusal(masked, type_, name, value):
    answer = masked.search(type_, {name: value})
    assert (answer.status_code, issues(answer)) == (400, [CONSTANT])


@pytest.mark.parametrize(
    ("type_", "name", "value"),
    [
        ("Patient", "identifier", "https://chu-toulouse.example.org/sid/ipp|1"),
        ("Patient", "family", "Martin"),
        ("Observation", "patient.family", "Martin"),
        ("Observation", "code", "718-7"),
        ("Observation", "_include", "Observation:patient"),
        ("Encounter", "_security", "R"),
    ],
)
def test_what_reads_no_masked_element_is_served(masked, type_, name, value):
    assert masked.search(type_, {name: value}).status_code == 200


def test_a_chain_of_many_links_is_answered_at_once(masked):
    answer = masked.search("Observation", {".".join(["part-of"] * 40): "x"})
    assert answer.status_code == 400
    assert answer.elapsed.total_seconds() < 2


def patient_of(full):
    return full.get("Patient", _count=1).json()["entry"][0]["resource"]


def test_a_conditional_create_is_a_search_and_is_decided_as_one(full, writer):
    city = patient_of(full)["address"][0]["city"]
    body = {"resourceType": "Patient", "active": True}
    search = f"Patient?address-city={city}"
    for criteria in (f"address-city={city}", search, f"{writer.base}/{search}", "?address-city=Nowhere"):
        answer = writer.request("POST", "Patient", body, {"If-None-Exist": criteria})
        assert (answer.status_code, issues(answer)) == (400, [CONSTANT])


def test_a_condition_written_as_a_url_is_met_by_what_the_client_may_see(full, writer):
    known = patient_of(full)["id"]
    headers = {"If-None-Exist": f"{writer.base}/Patient?_id={known}"}
    answer = writer.request("POST", "Patient", {"resourceType": "Patient"}, headers)
    assert (answer.status_code, answer.json()["id"]) == (200, known)


def test_a_conditional_create_needs_the_right_to_search(callers):
    body = {"resourceType": "Patient", "active": True}
    answer = callers["creator"].request("POST", "Patient", body, {"If-None-Exist": "family=Martin"})
    assert answer.status_code == 403


def test_the_condition_of_an_entry_is_decided_too(writer):
    entry = post("Patient", {"resourceType": "Patient"}, ifNoneExist="address-city=Muret")
    transaction = writer.bundle("transaction", entry)
    assert (transaction.status_code, issues(transaction)) == (400, [CONSTANT])
    batch = writer.bundle("batch", entry).json()
    assert batch["entry"][0]["response"]["status"] == "400"


def test_a_conditional_reference_is_a_search_and_is_decided_as_one(full, writer):
    patient = patient_of(full)
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "test"},
        "subject": {"reference": f"Patient?_id={patient['id']}&address-city={patient['address'][0]['city']}"},
    }
    answer = writer.bundle("transaction", post("Observation", observation))
    assert (answer.status_code, issues(answer)) == (400, [CONSTANT])
    forbidden = {**observation, "subject": {"reference": "Group?identifier=x"}}
    assert writer.bundle("transaction", post("Observation", forbidden)).status_code == 403


def test_the_entries_of_a_transaction_do_not_widen_one_another(callers, hospital):
    addresses, _ = hospital
    wide = set(addresses.groups["group-urgences"]) - set(addresses.groups["group-urgences-purpan"])
    outside = min(wide)
    caller = callers["two-cohorts"]
    assert caller.get(f"Patient/{outside}").status_code == 404
    assert caller.get("Patient", _id=outside).json()["entry"][0]["resource"]["id"] == outside
    answer = caller.bundle("transaction", get(f"Patient/{outside}"), get("Patient?_count=1"))
    assert outside not in json.dumps(answer.json().get("entry", []))

"""Operations through the gateway: opened by scopes and policy together, in the view, under the mask."""

import json
import time

import pytest
from gateway_hospital import INS, PURPAN, TAKEN, get

RESPOND_ASYNC = {"Prefer": "respond-async"}
FORBIDDEN = 403


def types_of(answer):
    assert answer.status_code == 200, answer.text
    return {entry["resource"]["resourceType"] for entry in answer.json().get("entry", [])}


def inside_and_outside(hospital):
    groups = hospital[0].groups
    return min(groups[PURPAN]), min(set(groups["group-urgences"]) - set(groups[PURPAN]))


def export(caller, path="$export"):
    """Run an export and return the manifest."""
    deadline = time.monotonic() + 30
    while (started := caller.request("GET", path, headers=RESPOND_ASYNC)).status_code == 429:
        assert time.monotonic() < deadline  # exports that other tests have left are running
        time.sleep(0.05)
    assert started.status_code == 202, started.text
    status_url = started.headers["content-location"]
    assert status_url.startswith(f"{caller.base}/$export-status/")
    while (answer := of_url(caller, "GET", status_url)).status_code in {202, 429}:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert answer.status_code == 200, answer.text
    return status_url, answer.json()


def of_url(caller, method, url):
    return caller.request(method, url.removeprefix(f"{caller.base}/"))


def resources(caller, manifest):
    found = {}
    for item in manifest["output"]:
        answer = of_url(caller, "GET", item["url"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/fhir+ndjson"
        several = [json.loads(line) for line in answer.text.splitlines()]
        assert len(several) == item["count"]
        found.setdefault(item["type"], []).extend(several)
    return found


def searched(caller, type_):
    """Return what the pages of a search give, by id."""
    page, found = caller.get(type_, _count=500).json(), {}
    while True:
        found |= {entry["resource"]["id"]: entry["resource"] for entry in page.get("entry", [])}
        following = [link["url"] for link in page["link"] if link["relation"] == "next"]
        if not following:
            return found
        page = of_url(caller, "GET", following[0]).json()


@pytest.mark.parametrize("client", ["taker", "masked-taker"])
def test_an_export_holds_what_searches_give_masks_included(callers, client):
    caller = callers[client]
    _, manifest = export(caller)
    assert manifest["requiresAccessToken"] is True
    found = resources(caller, manifest)
    assert set(TAKEN) <= found.keys() <= {*TAKEN, "Organization"}
    for type_, several in found.items():
        assert {one["id"]: one for one in several} == searched(caller, type_)
    assert len(found["Observation"]) > 100
    for patient in found["Patient"] if client == "masked-taker" else ():
        assert not {"address", "telecom", "text"} & patient.keys()
        assert INS not in json.dumps(patient)
        assert patient["meta"]["tag"][0]["code"] == "SUBSETTED"


def test_a_confined_client_exports_its_cohort(callers, hospital):
    members = set(hospital[0].groups[PURPAN])
    for path in ("$export", "Patient/$export", f"Group/{PURPAN}/$export"):
        found = resources(callers["masked-taker"], export(callers["masked-taker"], path)[1])
        assert {patient["id"] for patient in found["Patient"]} == members
        assert {o["subject"]["reference"].partition("/")[2] for o in found["Observation"]} <= members


def test_a_job_of_another_client_is_unknown(callers):
    status_url, manifest = export(callers["taker"])
    stranger = callers["masked-taker"]
    file_url = manifest["output"][0]["url"]
    for method, url in (("GET", status_url), ("DELETE", status_url), ("GET", file_url)):
        given = of_url(stranger, method, url)
        job = status_url.rpartition("/")[2]
        unknown = of_url(stranger, method, url.replace(job, "0" * len(job)))
        assert (given.status_code, given.content) == (404, unknown.content)
    assert of_url(callers["taker"], "GET", file_url).status_code == 200
    assert of_url(callers["taker"], "DELETE", status_url).status_code == 202
    assert of_url(callers["taker"], "GET", file_url).status_code == 404


def test_a_job_needs_a_token(callers):
    caller = callers["taker"]
    status_url, manifest = export(caller)
    for url in (status_url, manifest["output"][0]["url"]):
        assert caller.http.get(url).status_code == 401


def test_types_are_exported_that_may_be_read_and_searched(callers):
    caller = callers["narrow-taker"]
    assert [item["type"] for item in export(caller)[1]["output"]] == ["Patient"]
    for path in ("$export?_type=Observation", "$export?_type=Patient,Encounter", "$export?_type=Unicorn"):
        assert caller.request("GET", path, headers=RESPOND_ASYNC).status_code == FORBIDDEN
    for path in (f"Group/{PURPAN}/$export", "$export?_typeFilter=Observation%3Fcode%3Dx"):
        assert caller.request("GET", path, headers=RESPOND_ASYNC).status_code == FORBIDDEN


def test_an_operation_gives_the_types_that_may_be_read_and_searched(callers, hospital):
    inside, outside = inside_and_outside(hospital)
    path = "Patient/{}/$everything"
    assert types_of(callers["narrow-taker"].get(path.format(inside))) == {"Patient"}
    assert types_of(callers["taker"].get(path.format(inside))) >= {"Patient", "Encounter", "Observation"}
    for client in ("narrow-taker", "masked-taker"):
        hidden, unknown = (callers[client].get(path.format(id_)) for id_ in (outside, "never-existed"))
        assert (hidden.status_code, hidden.content) == (404, unknown.content)
    assert callers["narrow-taker"].get(path.format(inside), _type="Observation").status_code == FORBIDDEN
    assert callers["narrow-taker"].get("Observation/$lastn", patient=inside).status_code == FORBIDDEN


@pytest.mark.parametrize("client", ["full", "masked", "confined", "creator", "two-cohorts"])
def test_a_policy_that_does_not_name_operations_opens_none(callers, hospital, client):
    inside, _ = inside_and_outside(hospital)
    paths = [f"Patient/{inside}/$everything", "Patient/$export", "$export", f"Patient/{inside}/$validate"]
    paths += ["Observation/$lastn?patient=x", "$export-status/x", "$export-file/x/0", "Patient/$validate"]
    given = {(a.status_code, a.content) for a in map(callers[client].get, paths)}
    assert [status for status, _ in given] == [FORBIDDEN]


@pytest.mark.parametrize(
    "path",
    [
        "$graphql?query=x",
        "$nothing",
        "Patient/$nothing",
        "Patient/x/$nothing",
        "Patient/$everything",
        "Observation/x/$everything",
        "Patient/$lastn",
        "Patient/x/$export",
        "Group/$export",
        "$validate",
        "$meta",
        "Patient/x/$meta",
    ],
)
def test_an_operation_that_is_not_in_the_table_gets_one_refusal(callers, path):
    given, other = (callers["taker"].get(p) for p in (path, "Patient/$whatever"))
    assert (given.status_code, given.content) == (FORBIDDEN, other.content)


def test_everything_is_masked_page_by_page(callers, hospital):
    inside, _ = inside_and_outside(hospital)
    caller = callers["masked-taker"]
    whole = caller.get(f"Patient/{inside}/$everything")
    page, pages = caller.get(f"Patient/{inside}/$everything", _count=3).json(), []
    while True:
        pages += page["entry"]
        following = [link["url"] for link in page["link"] if link["relation"] == "next"]
        if not following:
            break
        page = of_url(caller, "GET", following[0]).json()
    assert pages == whole.json()["entry"]
    assert pages[0]["resource"]["id"] == inside
    assert not {"address", "telecom"} & pages[0]["resource"].keys()
    observations = [e["resource"] for e in pages if e["resource"]["resourceType"] == "Observation"]
    assert observations
    assert not any("encounter" in one for one in observations)


def test_a_page_link_of_everything_is_for_one_client(callers, hospital):
    inside, _ = inside_and_outside(hospital)
    links = callers["taker"].get(f"Patient/{inside}/$everything", _count=1).json()["link"]
    following = next(link["url"] for link in links if link["relation"] == "next")
    assert of_url(callers["taker"], "GET", following).status_code == 200
    assert of_url(callers["masked-taker"], "GET", following).status_code == 410


@pytest.mark.parametrize(
    "path",
    [
        "Encounter/{encounter}/$everything",  # tells of the masked Observation.encounter
        "Patient/{patient}/$validate",
        "Encounter/{encounter}/$validate",
        "$export?_typeFilter=Patient%3Faddress-city%3DMuret",
        "$export?_typeFilter=Observation%3Fpatient.phone%3D06",
        "$export?_type=Observation&_typeFilter=Observation%3Fcode%3Dx,Observation%3Fencounter%3Dx",
        "Observation/$lastn?patient={patient}&encounter=x",
        "Observation/$lastn?patient={patient}&subject:Patient.address-city=Muret",
    ],
)
def test_what_reads_a_masked_element_is_refused(callers, hospital, path):
    inside, _ = inside_and_outside(hospital)
    caller = callers["masked-taker"]
    encounter = caller.get("Encounter", patient=inside).json()["entry"][0]["resource"]["id"]
    asked = path.format(patient=inside, encounter=encounter)
    answer = caller.request("GET", asked, headers=RESPOND_ASYNC)
    assert (answer.status_code, answer.json()["issue"][0]["diagnostics"]) == (
        400,
        "A parameter of this request is not available to this application.",
    )
    assert callers["taker"].request("GET", asked, headers=RESPOND_ASYNC).status_code in {200, 202, 400, 429}


def test_a_parameter_in_a_body_is_decided_as_one_of_the_query(callers):
    filters = {"name": "_typeFilter", "valueString": "Patient?address-city=Muret"}
    closed = {"name": "_type", "valueString": "Condition"}
    for part, status in ((filters, 400), (closed, FORBIDDEN)):
        body = {"resourceType": "Parameters", "parameter": [part]}
        assert callers["masked-taker"].request("POST", "$export", body, RESPOND_ASYNC).status_code == status


def test_lastn_is_masked_and_in_the_view(callers, hospital):
    inside, outside = inside_and_outside(hospital)
    caller = callers["masked-taker"]
    found = caller.get("Observation/$lastn", patient=inside, max=2)
    assert types_of(found) == {"Observation"}
    assert not any("encounter" in entry["resource"] for entry in found.json()["entry"])
    assert types_of(caller.get("Observation/$lastn", patient=outside)) == set()


def test_validation_of_a_body_needs_some_right_on_the_type(callers, hospital):
    inside, _ = inside_and_outside(hospital)
    wrong = {"resourceType": "Patient", "gender": "Secret-Value"}
    for client in ("taker", "masked-taker"):
        answer = callers[client].request("POST", "Patient/$validate", wrong)
        assert answer.status_code == 200
        assert "Patient.gender: binding" in answer.text
        assert "Secret-Value" not in answer.text
    narrow = callers["narrow-taker"]
    assert narrow.request("POST", "Encounter/$validate", {"resourceType": "Encounter"}).status_code == 200
    assert narrow.request("POST", "Group/$validate", {"resourceType": "Group"}).status_code == FORBIDDEN
    assert callers["taker"].get(f"Patient/{inside}/$validate").status_code == 200
    assert narrow.get(f"Patient/{inside}/$validate").status_code == 200


def test_an_operation_in_a_bundle_is_decided_on_its_own(callers, hospital):
    inside, outside = inside_and_outside(hospital)
    caller = callers["masked-taker"]
    entries = [get(f"Patient/{id_}/$everything") for id_ in (inside, outside)]
    answer = caller.bundle("batch", *entries, get("$export"), get("$nothing"), get("$export-file/a/0"))
    statuses = [entry["response"]["status"] for entry in answer.json()["entry"]]
    assert statuses == ["200", "404", "400", "403", "400"]
    first = answer.json()["entry"][0]["resource"]["entry"][0]["resource"]
    assert not {"address", "telecom"} & first.keys()
    assert caller.bundle("transaction", entries[0]).status_code == 400

"""Patches and histories of a type through the gateway: rights, masks, and entries of Bundles."""

import base64
import json

import pytest
from gateway_hospital import PURPAN

CONSTANT = "A parameter of this request is not available to this application."
JSON_PATCH = {"Content-Type": "application/json-patch+json"}
TEST = [{"op": "test", "path": "/address/0/city", "value": "Muret"}]
MOVE = [{"op": "copy", "from": "/text/div", "path": "/note/0/text"}]
FHIRPATH = {
    "resourceType": "Parameters",
    "parameter": [
        {
            "name": "operation",
            "part": [
                {"name": "type", "valueCode": "delete"},
                {"name": "path", "valueString": "Patient.address.where(city='Muret')"},
            ],
        }
    ],
}


def created(full):
    body = {"resourceType": "Patient", "active": True, "address": [{"city": "Muret"}]}
    return full.request("POST", "Patient", body).json()["id"]


def entry(resource, url):
    return {"resource": resource, "request": {"method": "PATCH", "url": url}}


def binary(operations):
    data = base64.b64encode(json.dumps(operations).encode()).decode()
    return {"resourceType": "Binary", "contentType": JSON_PATCH["Content-Type"], "data": data}


def test_an_application_with_the_right_to_update_patches(full):
    id_ = created(full)
    answer = full.request("PATCH", f"Patient/{id_}", TEST, {**JSON_PATCH, "If-Match": 'W/"1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"2"')
    assert "address" not in full.request("PATCH", f"Patient/{id_}", FHIRPATH).json()
    assert full.request("PATCH", f"Patient/{id_}", TEST, JSON_PATCH).status_code == 422


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_bundle_patches(full, kind):
    id_ = created(full)
    answer = full.bundle(kind, entry(binary(TEST), f"Patient/{id_}")).json()
    assert answer["entry"][0]["response"]["etag"] == 'W/"2"'
    assert full.bundle(kind, entry(FHIRPATH, f"Patient/{id_}")).status_code == 200
    assert "address" not in full.get(f"Patient/{id_}").json()


def test_a_patch_needs_the_right_to_update_and_an_id(full, writer, masked):
    id_ = created(full)
    for caller in (writer, masked):
        assert caller.request("PATCH", f"Patient/{id_}", TEST, JSON_PATCH).status_code == 403
    conditional = full.request("PATCH", "Patient?address-city=Muret", TEST, JSON_PATCH)
    assert conditional.status_code == 403
    assert full.request("DELETE", f"Patient?_id={id_}").status_code == 403


def test_a_patch_needs_the_right_to_read_what_it_tests_and_answers(full, callers):
    id_ = created(full)
    for operations in ([], TEST):
        assert (
            callers["updater"].request("PATCH", f"Patient/{id_}", operations, JSON_PATCH).status_code == 403
        )
    body = {"resourceType": "Patient", "id": id_, "active": False}
    assert callers["updater"].request("PUT", f"Patient/{id_}", body).status_code == 200


@pytest.mark.parametrize(
    ("path", "patch", "headers"),
    [
        ("Patient/{}", TEST, JSON_PATCH),
        ("Patient/{}", [{**TEST[0], "value": "Nowhere"}], JSON_PATCH),
        ("Patient/{}", [], JSON_PATCH),
        ("Patient/{}", FHIRPATH, {}),
        ("Patient/never-existed", TEST, JSON_PATCH),
        ("Observation/never-existed", MOVE, JSON_PATCH),
    ],
)
def test_an_application_with_a_mask_patches_nothing(full, callers, path, patch, headers):
    """A patch tests and moves what the mask hides, and other types repeat it in labels and narratives."""
    path = path.format(created(full))
    patcher = callers["patcher"]
    answer = patcher.request("PATCH", path, patch, headers)
    assert (answer.status_code, answer.json()["issue"][0]["diagnostics"]) == (400, CONSTANT)
    resource = patch if isinstance(patch, dict) else binary(patch)
    transaction = patcher.bundle("transaction", entry(resource, path))
    assert (transaction.status_code, transaction.content) == (400, answer.content)
    batch = patcher.bundle("batch", entry(resource, path)).json()["entry"][0]["response"]
    assert (batch["status"], batch["outcome"]) == ("400", answer.json())


def test_a_history_of_a_type_needs_the_right_to_search_and_an_action(full, masked, callers):
    assert full.get("Patient/_history", _count=2).status_code == 200
    assert masked.get("Patient/_history").status_code == 403
    assert callers["creator"].get("Patient/_history").status_code == 403


def test_a_page_of_a_history_is_for_one_client(full, callers):
    created(full), created(full)
    page = full.get("Patient/_history", _count=1).json()
    following = next(link["url"] for link in page["link"] if link["relation"] == "next")
    path = following.removeprefix(f"{full.base}/")
    assert full.get(path).status_code == 200
    assert callers["confined"].get(path).status_code == 410


@pytest.mark.parametrize("path", ["_history", "?_type=Patient", "?_type=Patient,Observation&_id=x"])
def test_the_whole_server_is_not_opened_by_any_policy(full, path):
    assert full.get(path).status_code == 403


def test_a_confined_history_holds_the_cohort_only(callers, hospital):
    addresses, _ = hospital
    cohort = set(addresses.groups[PURPAN])
    caller = callers["confined"]
    seen = {e["resource"]["id"] for e in caller.get("Patient/_history", _count=1000).json()["entry"]}
    assert seen == cohort


def test_a_patch_outside_the_cohort_is_one_of_what_never_existed(callers, hospital):
    addresses, _ = hospital
    outside = min(set(addresses.groups["group-urgences"]) - set(addresses.groups[PURPAN]))
    caller = callers["confined"]
    answers = [caller.request("PATCH", f"Patient/{id_}", TEST, JSON_PATCH) for id_ in (outside, "never")]
    assert answers[0].content == answers[1].content
    assert [answer.status_code for answer in answers] == [404, 404]

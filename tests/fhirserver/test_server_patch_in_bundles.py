"""Patches inside batches and transactions: as Binary, as Parameters, and what makes them fail."""

from typing import Any

import pytest
from patches import FEMALE_TO_OTHER, GENDER, JSON_PATCH, binary, parameters
from server_hospital import INS, UNKNOWN, Answer, Hospital, patient


def run(hospital: Hospital, kind: str, *entries: dict[str, Any], **headers: str) -> Answer:
    listed = [{"resource": resource, "request": {"method": "PATCH", **asked}} for resource, asked in entries]
    return hospital.ask("POST", "/", {"resourceType": "Bundle", "type": kind, "entry": listed}, **headers)


@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize("resource", [binary(FEMALE_TO_OTHER), GENDER], ids=["json", "fhirpath"])
@pytest.mark.parametrize("url", ["Patient/in1", f"Patient?identifier={INS}|ins-in1"])
def test_a_bundle_patches(writable: Hospital, kind: str, resource: dict[str, Any], url: str) -> None:
    answer = run(writable, kind, (resource, {"url": url, "ifMatch": 'W/"1"'}), prefer="return=representation")
    assert answer.entries[0]["response"]["status"] == "200 OK"
    assert answer.entries[0]["response"]["etag"] == 'W/"2"'
    assert answer.entries[0]["resource"]["gender"] == "other"


@pytest.mark.parametrize(
    ("resource", "asked", "status"),
    [
        (binary([{"op": "test", "path": "/gender", "value": "male"}]), {}, "422"),
        (binary([], "application/xml-patch+xml"), {}, "415"),
        ({"resourceType": "Binary", "contentType": JSON_PATCH}, {}, "400"),
        ({"resourceType": "Binary", "data": "W10="}, {}, "400"),
        ({"resourceType": "Binary", "contentType": JSON_PATCH, "data": "W10"}, {}, "400"),
        (binary([]), {"ifMatch": 'W/"9"'}, "412"),
        (binary([]), {"url": "Patient?identifier=urn:nobody|1"}, "404"),
        (binary([]), {"url": f"Patient/{UNKNOWN}"}, "404"),
        (patient("in1"), {}, "400"),
    ],
)
def test_a_patch_that_fails_inside_a_bundle(
    writable: Hospital, resource: dict[str, Any], asked: dict[str, str], status: str
) -> None:
    entry = (resource, {"url": "Patient/in1", **asked})
    batch = run(writable, "batch", (GENDER, {"url": "Patient/in2"}), entry)
    assert [e["response"]["status"][:3] for e in batch.entries] == ["200", status]
    whole = run(writable, "transaction", (GENDER, {"url": "Patient/in2"}), entry)
    assert (whole.status, whole.json["issue"][0]["expression"]) == (int(status), ["Bundle.entry[1]"])
    assert writable.get("/Patient/in2").json["meta"]["versionId"] == "2"


def test_a_transaction_writes_a_resource_once(writable: Hospital) -> None:
    by_id, by_criteria = "Patient/in1", f"Patient?identifier={INS}|ins-in1"
    assert (
        run(writable, "transaction", (GENDER, {"url": by_id}), (GENDER, {"url": by_criteria})).status == 400
    )
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"request": {"method": "DELETE", "url": by_criteria}},
            {"request": {"method": "PATCH", "url": by_id}, "resource": GENDER},
        ],
    }
    assert writable.ask("POST", "/", bundle).status == 400
    assert writable.get("/Patient/in1").json["meta"]["versionId"] == "1"


def test_a_patch_refers_to_what_its_transaction_creates(writable: Hospital) -> None:
    uuid = "urn:uuid:3fe22bcb-3f3a-4a3e-9d2c-0a1b2c3d4e5f"
    reference = {"valueReference": {"reference": uuid}}
    linked = parameters(
        {"type": "add", "path": "Patient", "name": "managingOrganization", "value": reference}
    )
    remove = parameters({"type": "delete", "path": "Patient.managingOrganization"})
    writable.ask("PATCH", "/Patient/in1", remove)
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"request": {"method": "PATCH", "url": "Patient/in1"}, "resource": linked},
            {
                "fullUrl": uuid,
                "request": {"method": "POST", "url": "Organization"},
                "resource": {"resourceType": "Organization", "name": "Neuve"},
            },
        ],
    }
    answer = writable.ask("POST", "/", bundle)
    created = answer.entries[1]["response"]["location"].split("/fhir/")[1].split("/_history")[0]
    assert writable.get("/Patient/in1").json["managingOrganization"]["reference"] == created

"""A sandbox of R5: filled from NDJSON files, confined and masked as one of R4 is; wrong files are refused."""

import json
import time
import uuid

import httpx
import jwt
import pytest

from lab.certification.visitor import visitor
from lab.sandbox.ndjson_folder import resources_in
from lab.sandbox.plan import PlanError, SandboxPlan
from lab.sandbox.stack import SandboxError, sandbox

EMPTY: frozenset[str] = frozenset()
COHORT = "group-urgences"


def patient(id_, city):
    return {"resourceType": "Patient", "id": id_, "gender": "female", "address": [{"city": city}]}


def encounter(id_, of):
    return {
        "resourceType": "Encounter",
        "id": id_,
        "status": "in-progress",
        "class": [{"coding": [{"code": "EMER"}]}],
        "subject": {"reference": f"Patient/{of}"},
        "actualPeriod": {"start": "2026-04-01"},
    }


GROUP = {
    "resourceType": "Group",
    "id": COHORT,
    "type": "person",
    "membership": "enumerated",
    "member": [{"entity": {"reference": "Patient/in"}}],
}


def written(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, resources in files.items():
        lines = (json.dumps(one) if isinstance(one, dict) else one for one in resources)
        (folder / f"{name.replace('_', '.')}.ndjson").write_text("".join(f"{line}\n" for line in lines))
    return folder


def plan(place, folder, client):
    return SandboxPlan(
        seed=7,
        patients=0,
        journal=str(place / "journal.jsonl"),
        store=str(place / "hospital.db"),
        redaction_key="00" * 32,
        laboratory_secret="s" * 32,
        clients=(client,),
        data=str(folder) if folder else "",
        release="R5",
    )


def token(addresses, client, key):
    now = int(time.time())
    claims = {"iss": client.client_id, "sub": client.client_id, "aud": addresses.token_url}
    assertion = jwt.encode(
        {**claims, "iat": now, "exp": now + 200, "jti": uuid.uuid4().hex},
        key.private,
        algorithm="ES384",
        headers={"kid": key.kid},
    )
    form = {
        "grant_type": "client_credentials",
        "scope": client.scopes,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    return httpx.post(addresses.token_url, data=form).json()["access_token"]


@pytest.fixture(scope="module")
def http(tmp_path_factory):
    place = tmp_path_factory.mktemp("r5")
    patients = [patient("in", "Toulouse"), patient("out", "Paris")]
    stays = [encounter("stay-in", "in"), encounter("stay-out", "out")]
    folder = written(place / "data", Patient=patients, Encounter=stays, Group_cohorts=[GROUP])
    client, key = visitor(COHORT)
    with sandbox(plan(place, folder, client), place / "sandbox.log") as running:
        at = running.addresses
        assert (at.resources, at.groups) == (5, {COHORT: ("in",)})
        bearer = {"authorization": f"Bearer {token(at, client, key)}"}
        with httpx.Client(base_url=at.fhir_base_url, headers=bearer, timeout=20) as http:
            yield http


def test_the_client_sees_its_cohort_without_what_is_masked(http):
    assert http.get("/metadata").json()["fhirVersion"] == "5.0.0"
    (found,) = http.get("/Patient").json()["entry"]
    assert found["resource"]["id"] == "in"
    assert "address" not in found["resource"]
    assert http.get("/Patient?address-city=Toulouse").status_code == 400
    (stay,) = http.get("/Encounter?class=EMER&date=ge2026-04-01").json()["entry"]
    assert stay["resource"]["actualPeriod"] == {"start": "2026-04-01"}
    assert http.get("/Encounter/stay-out").status_code == 404


def test_what_no_rule_opens_stays_closed(http):
    assert http.get("/Permission").status_code == 403
    assert (
        http.get("/Patient", headers={"accept": "application/fhir+json; fhirVersion=4.0"}).status_code == 406
    )


def test_a_file_that_is_not_of_r5_keeps_the_sandbox_from_starting(tmp_path):
    old = {**encounter("e", "in"), "class": {"code": "EMER"}}
    folder = written(tmp_path / "data", Encounter=[encounter("f", "in"), old])
    client, _ = visitor()
    with (
        pytest.raises(SandboxError, match=r"Line 2 of Encounter\.ndjson is not valid FHIR R5"),
        sandbox(plan(tmp_path, folder, client), tmp_path / "log"),
    ):
        pytest.fail("the sandbox should not start")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{"], "Line 1 of Patient.ndjson is no JSON"),
        (["[]"], "is no resource of FHIR R5"),
        ([{"resourceType": "Media", "id": "m"}], "is no resource of FHIR R5"),
        ([{"resourceType": "Patient"}], "with an id"),
        ([{"resourceType": "Patient", "id": "p", "gender": "F"}], "Patient.gender: binding"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, lines, said):
    folder = written(tmp_path / "data", Patient=lines)
    with pytest.raises(PlanError, match=said):
        list(resources_in(folder, "R5", EMPTY))


def test_only_the_types_asked_for_are_read(tmp_path):
    folder = written(tmp_path / "data", Patient=[patient("p", "Albi"), ""], Group_cohorts=[GROUP])
    assert [one["id"] for one in resources_in(folder, "R5", frozenset({"Group"}))] == [COHORT]
    assert [one["id"] for one in resources_in(folder, "R5", EMPTY)] == [COHORT, "p"]
    with pytest.raises(PlanError, match=r"holds no \.ndjson file"):
        list(resources_in(tmp_path / "nowhere", "R5", EMPTY))


def test_the_same_id_twice_is_refused(tmp_path):
    folder = written(tmp_path / "data", Patient=[patient("p", "Albi"), patient("p", "Albi")])
    client, _ = visitor()
    with (
        pytest.raises(SandboxError, match="Patient/p is already stored"),
        sandbox(plan(tmp_path, folder, client), tmp_path / "log"),
    ):
        pytest.fail("the sandbox should not start")

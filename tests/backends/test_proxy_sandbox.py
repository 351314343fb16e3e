"""The whole platform before a server that is not ours: five levels, and a cohort that this server keeps."""

import json as standard_json
import secrets
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt
import pytest
from proxied_hospital import filled

from lab.checking.keys import new_key
from lab.fhir.permission_form import permission
from lab.fhirserver.cluster import cluster
from lab.sandbox.plan import Addresses, Client, External, SandboxPlan
from lab.sandbox.stack import SandboxError, sandbox

KEY = new_key("proxied")
TYPES = ("Patient", "Observation", "Encounter")
SCOPES = " ".join(f"system/{type_}.cruds" for type_ in TYPES)


def plan_of(folder: Path, url: str, headers: tuple[str, ...] = ()) -> SandboxPlan:
    opened = dict.fromkeys(TYPES, ("oncology",))
    actions = ("read", "search-type", "update", "operation")
    client = Client(
        "proxied",
        {"keys": [KEY.public]},
        SCOPES,
        permission("proxied", opened, actions, ("Patient.birthDate",)),
    )
    return SandboxPlan(
        seed=1,
        patients=1,
        journal=str(folder / "journal.jsonl"),
        store=str(folder / "unused.db"),
        redaction_key="00" * 32,
        laboratory_secret=secrets.token_urlsafe(8),
        clients=(client,),
        external=External(url, headers),
    )


@pytest.fixture(scope="module")
def http(tmp_path_factory) -> Iterator[httpx.Client]:
    """An application with its token."""
    folder = tmp_path_factory.mktemp("sandboxed")
    filled(folder / "hospital.db").close()
    with cluster(folder / "hospital.db", key="sesame") as behind:
        plan = plan_of(folder, behind.base_url, ("Authorization: Bearer sesame",))
        with sandbox(plan, folder / "sandbox.log") as running:
            base = running.addresses.fhir_base_url
            headers = {"authorization": f"Bearer {token(running.addresses)}"}
            with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=20) as client:
                yield client


def token(addresses: Addresses) -> str:
    now = int(time.time())
    claims = {"iss": "proxied", "sub": "proxied", "aud": addresses.token_url, "iat": now, "exp": now + 200}
    form = {
        "grant_type": "client_credentials",
        "scope": SCOPES,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(
            {**claims, "jti": str(uuid.uuid4())}, KEY.private, algorithm="ES384", headers={"kid": KEY.kid}
        ),
    }
    with httpx.Client(trust_env=False) as client:
        told: str = client.post(addresses.token_url, data=form).json()["access_token"]
        return told


def ids(answer: httpx.Response) -> list[str]:
    return [entry["resource"]["id"] for entry in answer.json().get("entry", ())]


def test_the_cohort_is_that_of_the_server_behind(http):
    assert ids(http.get("Patient")) == ["p0", "p1", "p2", "p3", "p4"]
    assert http.get("Patient/p9").status_code == 404
    assert http.get("Patient/p9").content == http.get("Patient/unknown").content
    assert ids(http.get("Observation", params={"patient": "Patient/p9"})) == []


def test_masks_are_over_what_the_server_behind_answers(http):
    answers = [http.get("Patient/p0"), http.get("Patient?_count=3"), http.get("Patient/p0/$everything")]
    answers.append(http.get("Observation?patient=p0&_include=Observation:subject"))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert not [answer for answer in answers if b"birthDate" in answer.content]
    assert http.get("Patient?birthdate=1950-01-15").status_code == 400
    assert http.get("Patient?_sort=birthdate").status_code == 400


def test_a_masked_client_that_writes_does_not_lose_what_it_does_not_see(http):
    seen = http.get("Patient/p1").json()
    written = http.put(
        "Patient/p1", json={**seen, "gender": "other"}, headers={"content-type": "application/fhir+json"}
    )
    assert written.status_code == 200, written.text
    assert b"birthDate" not in written.content
    assert http.get("Patient/p1").json()["gender"] == "other"
    tag = http.get("Patient/p1").headers["etag"]
    stale = http.put(
        "Patient/p1",
        json={**seen, "gender": "male"},
        headers={"content-type": "application/fhir+json", "if-match": 'W/"stale"'},
    )
    assert stale.status_code == 412
    assert http.get("Patient/p1", headers={"if-none-match": tag}).status_code == 304


def test_a_batch_is_decided_entry_by_entry(http):
    entries = [
        {"request": {"method": "GET", "url": url}} for url in ("Patient/p0", "Patient/p9", "Group/oncology")
    ]
    answer = http.post("", json={"resourceType": "Bundle", "type": "batch", "entry": entries})
    assert [entry["response"]["status"][:3] for entry in answer.json()["entry"]] == ["200", "404", "403"]


def test_metadata_is_ours_and_names_nothing_of_the_server_behind(http):
    statement = http.get("metadata").json()
    assert statement["implementation"]["url"] == str(http.base_url).rstrip("/")
    assert "smart" in standard_json.dumps(statement).lower()
    assert {r["type"] for r in statement["rest"][0]["resource"]} >= set(TYPES)


@pytest.mark.parametrize("url", ["http://fhir.hospital.test/r4", "nonsense", "http://127.0.0.1/fhir?x=1"])
def test_an_address_that_is_not_spoken_to_is_one_sentence(tmp_path, url):
    with (
        pytest.raises(SandboxError, match=r"this machine|FHIR base"),
        sandbox(plan_of(tmp_path, url), tmp_path / "log"),
    ):
        pass

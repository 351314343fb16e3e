"""The sound vendor keeps its promises, asked over a real socket: what the variants break is whole here."""

import base64
import json
import socket
import subprocess
import sys
import time
import uuid

import httpx
import jwt
import pytest

from lab.bundled import mutants
from lab.canary.world import world
from lab.certification.application import free_port
from lab.checking.keys import new_key
from lab.manifest import read_manifest

KEY = new_key("laboratory")
SERVER = read_manifest(mutants() / "vendors" / "vendor.toml").server
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vendor")
    resources = [{"resource": body} for body in world(SERVER, 7).resources]
    (folder / "fixture.json").write_text(json.dumps({"resourceType": "Bundle", "entry": resources}))
    (folder / "jwks.json").write_text(json.dumps({"keys": [KEY.public]}))
    number = free_port()
    options = ["--port", str(number), "--fixture", folder / "fixture.json", "--jwks", folder / "jwks.json"]
    with subprocess.Popen([sys.executable, mutants() / "vendors" / "run.py", *options]) as process:
        try:
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                try:
                    httpx.get(f"http://127.0.0.1:{number}/health", trust_env=False)
                except httpx.HTTPError:
                    continue
                break
            yield number
        finally:
            process.terminate()
            process.wait(10)


def ask_token(port, client_id, scope=None, **changed):
    url = f"http://127.0.0.1:{port}/token"
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": url,
        "iat": now,
        "exp": now + 200,
        "jti": str(uuid.uuid4()),
    }
    claims = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    assertion = jwt.encode(claims, KEY.private, algorithm="ES384", headers={"kid": KEY.kid})
    own = next(i.scopes for i in SERVER.identities if i.client_id == client_id)
    form = {
        "grant_type": "client_credentials",
        "scope": scope or own,
        "client_assertion_type": ASSERTION,
        "client_assertion": assertion,
    }
    return httpx.post(url, data=form, trust_env=False)


@pytest.fixture(scope="module")
def call(port):
    known = {}

    def send(name, method, path, **more):
        if name not in known:
            known[name] = ask_token(port, f"lab-{name}").json()["access_token"]
        headers = {"Authorization": f"Bearer {known[name]}", **more.pop("headers", {})}
        return httpx.request(
            method, f"http://127.0.0.1:{port}/fhir/{path}", headers=headers, trust_env=False, **more
        )

    return send


def ids(reply):
    return {entry["resource"]["id"] for entry in reply.json().get("entry", [])}


def test_a_refused_address_gets_one_answer_whatever_it_asks(port):
    def ask(path):
        with socket.create_connection(("127.0.0.1", port), 5, ("127.0.0.2", 0)) as connection:
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
            )
            return connection.makefile("rb").read()

    answers = {ask(path) for path in ("/fhir/metadata", "/fhir/Patient/canary-in-1", "/nothing", "/token")}
    assert len(answers) == 1
    assert answers.pop().startswith(b"HTTP/1.1 403")


def test_nothing_is_served_without_a_token(port):
    reply = httpx.get(f"http://127.0.0.1:{port}/fhir/Patient", trust_env=False)
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "http://127.0.0.1:1/token"},
        {"aud": ["x"]},
        {"exp": int(time.time()) + 4000},
        {"exp": int(time.time()) - 60},
        {"nbf": int(time.time()) + 4000},
        {"sub": "lab-full"},
        {"jti": None},
    ],
)
def test_wrong_assertions_get_nothing(port, changed):
    reply = ask_token(port, "lab-restricted", **changed)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_client")


def test_an_assertion_is_good_for_once(port):
    jti = str(uuid.uuid4())
    assert [ask_token(port, "lab-other", jti=jti).status_code for _ in range(2)] == [200, 400]


def test_a_token_gives_no_more_than_is_registered(port):
    assert "Condition" not in ask_token(port, "lab-restricted", scope="system/*.cruds").json()["scope"]


def test_types_out_of_scope_are_refused_however_they_are_reached(call):
    assert call("restricted", "GET", "Condition").status_code == 403
    assert call("restricted", "GET", "Patient?_has:Condition:patient:code=x").status_code == 403
    found = call("restricted", "GET", "Observation?_include=Observation:encounter&_count=200")
    assert {entry["resource"]["resourceType"] for entry in found.json()["entry"]} == {"Observation"}


def test_the_cohort_is_all_that_is_seen(call):
    inside = {f"canary-in-{n}" for n in range(1, 7)}
    reply = call("restricted", "GET", "Patient?_count=200")
    assert ids(reply) == inside
    assert reply.json()["total"] == len(inside)
    outside, unknown = (
        call("restricted", "GET", f"Patient/{id_}") for id_ in ("canary-out-1", "canary-zzz-1")
    )
    assert (outside.status_code, outside.content) == (404, unknown.content)


def test_pages_are_whole_and_the_client_s_own(call):
    first = call("restricted", "GET", "Patient?_count=4&_sort=family")
    link = next(one["url"] for one in first.json()["link"] if one["relation"] == "next")
    path = link.partition("/fhir/")[2]
    assert len(first.json()["entry"]) == 4
    assert ids(first) | ids(call("restricted", "GET", path)) == {f"canary-in-{n}" for n in range(1, 7)}
    assert call("other", "GET", path).status_code == 403
    assert call("restricted", "GET", path[:-2] + "AA").status_code == 400


def test_masked_elements_never_come_out(call):
    canary = world(SERVER, 7).canary
    hidden = canary.of("Patient/canary-in-1", "address", "telecom", "birthDate", "identifier")
    assert len(hidden) == 4
    paths = (
        "Patient/canary-in-1",
        "Patient?_elements=address",
        "Observation?_count=200",
        "Bundle/canary-bundle",
    )
    for path in paths:
        said = call("restricted", "GET", path).text
        assert not [marker for marker in hidden if marker in said], path
        assert any(marker in call("full", "GET", path).text for marker in hidden)


@pytest.mark.parametrize(
    "query",
    [
        "address-city=x",
        "address:missing=false",
        "_sort=birthdate",
        "phone=0",
        "identifier=123",
        "_lastUpdated=gt2020-01-01",
        "_has:RelatedPerson:patient:address=x",
    ],
)
def test_questions_about_masked_elements_get_one_answer(call, query):
    constant = call("restricted", "GET", "Patient?address-city=Zz")
    reply = call("restricted", "GET", f"Patient?{query}")
    assert (reply.status_code, reply.content) == (400, constant.content)


def test_a_masked_client_writes_back_without_harm(call):
    seen = call("restricted", "GET", "Patient/canary-in-2").json()
    before = call("full", "GET", "Patient/canary-in-2").json()
    assert call("restricted", "PUT", "Patient/canary-in-2", json=seen, headers=FHIR).status_code == 200
    after = call("full", "GET", "Patient/canary-in-2").json()
    assert {**after, "meta": before["meta"]} == before
    assert after["meta"]["tag"] == before["meta"]["tag"]


FHIR = {"Content-Type": "application/fhir+json"}


def test_a_transaction_is_done_whole_or_not_at_all(call):
    def entry(subject):
        resource = {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "whole"},
            "subject": subject,
        }
        return {"resource": resource, "request": {"method": "POST", "url": "Observation"}}

    entries = [entry({"reference": f"Patient/{id_}"}) for id_ in ("canary-in-1", "canary-out-1")]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    before = call("full", "GET", "Observation?_summary=count").json()["total"]
    assert call("restricted", "POST", "", json=bundle, headers=FHIR).status_code == 403
    assert call("full", "GET", "Observation?_summary=count").json()["total"] == before


def test_an_export_is_the_owner_s_and_of_the_view(call):
    started = call("restricted", "GET", "Patient/$export?_type=Patient", headers={"Prefer": "respond-async"})
    status = started.headers["content-location"].partition("/fhir/")[2]
    assert call("other", "GET", status).status_code == 404
    (file,) = call("restricted", "GET", status).json()["output"]
    lines = call("restricted", "GET", file["url"].partition("/fhir/")[2]).text.splitlines()
    assert {json.loads(line)["id"] for line in lines} == {f"canary-in-{n}" for n in range(1, 7)}
    assert call("other", "GET", file["url"].partition("/fhir/")[2]).status_code == 404


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /",
        b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"X-A: b\r\n folded\r\n\r\n",
        b"X-A: b\nX-C: d\r\n\r\n",
        b"X-A : b\r\n\r\n",
        b"Host: 127.0.0.1\r\n\r\n",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_and_the_connection_closed(port, raw):
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(f"POST /fhir HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n".encode() + raw)
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "path", ["/fhir/%2e%2e/x", "/fhir//Patient", "/fhir/Patient%2fx", "/fhir/%c0%ae", "/fhir/../x"]
)
def test_paths_are_read_in_one_way(port, path):
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
        )
        assert connection.makefile("rb").read().startswith(b"HTTP/1.1 400")


def test_research_names_nobody_and_leaves_the_opposed_out(call):
    canary = world(SERVER, 7).canary
    named = [m for m, at in canary.markers.items() if at.startswith(("Patient/", "RelatedPerson/"))]
    said = "".join(
        call("research", "GET", f"{t}?_count=200").text for t in ("Patient", "Observation", "Condition")
    )
    assert "canary-in-1" in said
    assert not [marker for marker in named if marker in said]
    assert "canary-opposed" not in said


def test_binaries_follow_their_patient(call):
    data = call("restricted", "GET", "Binary/canary-binary-in-1").json()["data"]
    assert base64.b64decode(data)
    assert call("restricted", "GET", "Binary/canary-binary-out-1").status_code == 404

"""Levels 1 to 3 of the example's own facade, attacked over real HTTP: network, application, type."""

import asyncio
import time

import pytest
from facade_side import INSIDE, SCOPE, bearer, fhir, raw
from fake_script import Fault
from tableau_urgences.exchange import Refusal, Request
from tableau_urgences.facade import consumers
from urgences_board import EXAMPLE

# Level 1: network


@pytest.mark.parametrize(
    "path", ["/fhir/Patient/pat-000001", "/fhir/metadata", "/", "/health", "/state", "/x"]
)
def test_every_path_is_closed_to_another_network_with_the_same_bytes(board, path):
    answer = board.get(path, headers=bearer(board), source="127.0.0.2")
    assert answer.status_code == 403
    assert answer.content == b"Acces refuse depuis ce reseau. / Access denied from this network.\n"


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "X-Client-IP"]
)
def test_forwarding_headers_open_nothing(board, header):
    value = "for=127.0.0.1" if header == "Forwarded" else "127.0.0.1"
    answer = fhir(board, "Patient", {**bearer(board), header: value}, source="127.0.0.2")
    assert answer.status_code == 403


def test_the_network_is_decided_before_any_token_is_verified(board):
    before = len(board.hospital.seen)
    fhir(board, "Patient", {"Authorization": "Bearer not-a-token-of-ours"}, source="127.0.0.2")
    introspections = [one for one in board.hospital.seen[before:] if one.path.endswith("introspect")]
    assert introspections == []


# Level 2: application


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer nothing", "Basic dTpw", "Bearer a b", "Bearer a,b"],
)
def test_without_a_token_in_force_nothing_is_served(board, authorization):
    answer = fhir(board, "Patient", {} if authorization is None else {"Authorization": authorization})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_token_outside_the_header_is_no_token(board):
    token = board.hospital.grant("partenaire-complet", SCOPE)
    with board.http() as http:
        assert http.get(f"{board.base}/Patient?access_token={token}").status_code == 401
        assert http.post(f"{board.base}/Patient/_search", data={"access_token": token}).status_code == 401
    assert token not in board.log.read_text()


def test_two_authorization_headers_are_refused_in_both_orders(board):
    good = bearer(board)["Authorization"]
    for pair in ((good, "Bearer bad"), ("Bearer bad", good)):
        lines = "".join(f"Authorization: {value}\r\n" for value in pair)
        request = f"GET /fhir/Patient HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n"
        assert raw(board, request).startswith(b"HTTP/1.1 400 ")


def test_an_expired_token_is_refused_whatever_introspection_says(board):
    assert fhir(board, "Patient", bearer(board, exp=int(time.time()) - 1)).status_code == 401


def test_a_token_bound_to_a_key_is_refused(board):
    assert fhir(board, "Patient", bearer(board, cnf={"jkt": "x"})).status_code == 401


def test_an_application_that_is_no_consumer_is_refused(board):
    assert fhir(board, "Patient", bearer(board, "tableau-urgences")).status_code == 403


def test_introspection_is_asked_once_in_five_seconds(board):
    headers = bearer(board)
    before = len(board.hospital.seen)
    assert [fhir(board, "Patient", headers).status_code for _ in range(5)] == [200] * 5
    asked = [one for one in board.hospital.seen[before:] if one.path.endswith("introspect")]
    assert len(asked) == 1
    assert asked[0].form["client_assertion"]


def test_a_revocation_is_felt_once_introspection_is_asked_again(monkeypatch):
    assert consumers.BELIEVED_FOR_S <= 5
    monkeypatch.setattr(consumers, "BELIEVED_FOR_S", 0.05)
    answers = [{"active": True, "client_id": "partenaire-complet", "exp": time.time() + 60, "scope": SCOPE}]

    async def introspect(_token):
        return answers[-1]

    async def present_twice():
        gate = consumers.Gate(consumers.read_consumers(EXAMPLE / "consumers.json"), introspect)
        request = Request("GET", "/", "", "127.0.0.1", (("authorization", "Bearer abc"),))
        assert (await gate.application(request)).consumer.client_id == "partenaire-complet"
        answers.append({"active": False})
        await gate.application(request)
        await asyncio.sleep(0.06)
        with pytest.raises(Refusal) as refusal:
            await gate.application(request)
        return refusal.value.status

    assert asyncio.run(present_twice()) == 401


def test_when_introspection_is_down_nothing_is_served(board):
    headers = bearer(board)
    fault = Fault(500, on="/oauth/introspect", times=1)
    board.hospital.faults.append(fault)
    answer = fhir(board, "Patient", headers)
    assert answer.status_code == 503
    assert "entry" not in answer.json()
    assert fhir(board, "Patient", headers).status_code == 200


# Level 3: resource type


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        ("system/Patient.rs", "Encounter"),
        ("system/Patient.rs", "Encounter/enc-000001"),
        ("system/Patient.r", "Patient"),
        ("system/Patient.s", "Patient/pat-000001"),
        ("system/Patient.sr", "Patient"),
        ("system/Patient.rs?gender=male", "Patient"),
        ("system/Patient.rs\u2003", "Patient"),
        ("user/Patient.rs", "Patient"),
        ("", "Patient"),
    ],
)
def test_what_the_scope_does_not_open_is_refused(board, scope, path):
    answer = fhir(board, path, bearer(board, scope=scope))
    assert answer.status_code == 403
    assert "entry" not in answer.json()


@pytest.mark.parametrize(
    "scope", ["system/*.rs", "system/Patient.cruds", "system/Patient.read", "system/*.read"]
)
def test_wider_and_older_scopes_are_understood(board, scope):
    assert fhir(board, f"Patient/{INSIDE}", bearer(board, scope=scope)).status_code == 200


def test_include_brings_nothing_that_the_scope_or_the_cohort_does_not_open(board):
    search = "Encounter?_include=Encounter:patient&_include=Encounter:location&_include=*"
    for scope, types in (
        ("system/Encounter.rs", {"Encounter"}),
        ("system/Encounter.rs system/Patient.s", {"Encounter"}),
        (SCOPE, {"Encounter", "Patient"}),
    ):
        answer = fhir(board, search, bearer(board, "partenaire-purpan", scope))
        found = [entry["resource"] for entry in answer.json()["entry"]]
        assert {one["resourceType"] for one in found} == types
        assert "Martin" not in answer.text
        assert all(int(one["id"][-6:]) <= 5 for one in found)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_nothing_can_be_written(board, method):
    with board.http(headers=bearer(board)) as http:
        instance = http.request(method, f"{board.base}/Patient/{INSIDE}", json={})
        collection = http.request(method, f"{board.base}/Patient?_id=x", json={})
    assert (instance.status_code, collection.status_code) == (405, 405)
    assert instance.headers["allow"] == "GET, HEAD"


def test_a_method_override_is_ignored(board):
    headers = {**bearer(board), "X-HTTP-Method-Override": "DELETE"}
    assert fhir(board, f"Patient/{INSIDE}?_method=DELETE", headers).status_code == 200
    assert fhir(board, f"Patient/{INSIDE}", headers).status_code == 200

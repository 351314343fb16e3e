"""The gateway over HTTP: containers taken apart, hostile requests, headers, journal."""

import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from gateway_hospital import PURPAN, get, post

from lab.fhir.element_path import parse_path
from lab.fhir.request import parse
from lab.fhir.response import FhirResponse
from lab.gateway.mask import compile_mask
from lab.gateway.paging import limited
from lab.gateway.seen import Eyes, as_seen
from lab.journal.journal import read_journal


def statuses(answer):
    return [entry["response"]["status"] for entry in answer.json()["entry"]]


def test_each_entry_of_a_batch_is_decided_on_its_own(masked, hospital):
    inside = min(hospital[0].groups[PURPAN])
    outside = min(set(hospital[0].groups["group-urgences"]) - set(hospital[0].groups[PURPAN]))
    answer = masked.bundle(
        "batch",
        get(f"Patient/{inside}"),
        get(f"Patient/{outside}"),
        get("Patient/never-existed"),
        get("Condition?code=x"),
        get("Patient?address-city=Muret"),
        get("metadata"),
        {"request": {"method": "DELETE", "url": f"Patient/{inside}"}},
    )
    assert statuses(answer) == ["200", "404", "404", "403", "400", "200", "403"]
    entries = answer.json()["entry"]
    assert entries[1] == entries[2]
    assert "address" not in entries[0]["resource"]


@pytest.mark.parametrize(
    "entry",
    [
        1,
        None,
        [],
        {},
        {"request": None},
        {"request": "GET"},
        {"request": []},
        {"request": {"method": 1, "url": "Patient"}},
        {"request": {"method": "GET", "url": ["Patient"]}},
        get("../Patient/1"),
        get("http://evil.example/fhir/Patient/1"),
        get("//evil.example/Patient/1"),
        get("Patient/1%2f.."),
        get(""),
        {"resource": {"resourceType": "Bundle", "type": "batch"}, "request": {"method": "POST", "url": ""}},
    ],
)
def test_a_hostile_entry_is_refused_and_the_others_are_served(masked, entry):
    answer = masked.bundle("batch", entry, get("Patient?_count=1"))
    assert answer.status_code == 200
    assert [status[:1] for status in statuses(answer)] == ["4", "2"]


def test_a_transaction_with_one_forbidden_entry_changes_nothing(writer, full):
    mark = "transaction-with-a-forbidden-entry"
    body = {"resourceType": "Patient", "identifier": [{"system": "urn:tests", "value": mark}]}
    answer = writer.bundle(
        "transaction", post("Patient", body), post("Encounter", {"resourceType": "Encounter"})
    )
    assert answer.status_code == 403
    assert not full.get("Patient", identifier=f"urn:tests|{mark}").json().get("entry")


@pytest.mark.parametrize("path", ["Patient", "metadata", ".well-known/smart-configuration", "nothing", ""])
def test_no_answer_may_be_kept_by_a_cache(full, path):
    headers = full.get(path).headers
    assert headers["cache-control"] == "no-store, private"
    assert headers["vary"] == "Authorization"
    assert "server" not in headers


@pytest.mark.parametrize(
    "path", ["/fhirPatient", "/fhirPatient/1", "/", "/docs", "/fhir2/Patient", "/FHIR/Patient"]
)
def test_only_the_base_is_served(full, path):
    origin = full.base.removesuffix("/fhir")
    answer = full.http.get(f"{origin}{path}", headers={"Authorization": f"Bearer {full.token}"})
    assert answer.status_code == 404


def raw(full, *lines):
    parts = urlsplit(full.base)
    with socket.create_connection((parts.hostname, parts.port), 5) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return int(received.split(b" ", 2)[1])


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (("GET /fhir/Patient?_count=1 HTTP/1.1", "Host: a", "{good}"), 200),
        (("GET /fhir/Patient HTTP/1.1", "Host: a", "{good}", "Authorization: Bearer x"), 400),
        (("GET /fhir/Patient HTTP/1.1", "Host: a", "Authorization: Bearer x", "{good}"), 400),
        (("GET /fhir/Patient HTTP/1.1", "{good}"), 400),
        (("GET /fhir/Patient HTTP/1.1", "Host: a", "Host: b", "{good}"), 400),
        (("GET /fhir/../fhir/Patient HTTP/1.1", "Host: a", "{good}"), 400),
        (("GET /fhir/%2e%2e/Patient HTTP/1.1", "Host: a", "{good}"), 400),
        (("GET /fhir//Patient HTTP/1.1", "Host: a", "{good}"), 400),
        (("GET /fhir/Patient;x/1 HTTP/1.1", "Host: a", "{good}"), 400),
        (("GET /fhir/patient/1 HTTP/1.1", "Host: a", "{good}"), 404),
        (("TRACE /fhir/Patient/1 HTTP/1.1", "Host: a", "{good}"), 405),
        (("POST /fhir/Patient/1 HTTP/1.1", "Host: a", "{good}", "X-HTTP-Method-Override: DELETE"), 400),
        (("GET /fhir/Patient HTTP/1.1", "Host: a", "X-Forwarded-For: 127.0.0.1"), 401),
    ],
)
def test_a_request_that_two_programs_could_read_differently_is_refused(full, lines, status):
    good = f"Authorization: Bearer {full.token}"
    assert raw(full, *(line.format(good=good) for line in lines)) == status


@pytest.mark.parametrize("header", [{}, {"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}])
def test_a_refused_network_gets_one_answer_whatever_it_says_or_asks(full, header):
    with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2"), trust_env=False) as stranger:
        given = {
            (answer.status_code, answer.content)
            for path in ("Patient/1", "nothing", "metadata")
            for token in (full.token, "x")
            for answer in [
                stranger.get(f"{full.base}/{path}", headers={"Authorization": f"Bearer {token}", **header})
            ]
        }
    assert [status for status, _ in given] == [403]


def test_every_decision_is_in_the_journal_without_the_token(masked, hospital):
    mark = "in-the-journal"
    masked.get(f"Patient/{mark}")
    masked.get("Condition", code=mark)
    masked.get("Patient", **{"address-city": mark})
    journal = Path(hospital[1].journal)
    seen = [exchange for exchange in read_journal(journal) if mark in exchange.url]
    assert [(e.client, e.decision.level, e.decision.allow) for e in seen] == [
        ("masked", 4, False),
        ("masked", 3, False),
        ("masked", 5, False),
    ]
    assert masked.token not in journal.read_text(encoding="utf-8")


def test_a_decimal_keeps_its_digits_through_the_mask_and_through_a_batch(full):
    body = b'{"resourceType":"Observation","valueQuantity":{"value":1.10}}'
    read = parse("GET", "Observation/1", "", {}, b"", base_url="http://h/fhir")
    eyes = Eyes(compile_mask([parse_path("Patient.name")]))
    assert b"1.10" in as_seen(FhirResponse(200, body), read, eyes).body
    observation = json.dumps({"resourceType": "Observation", "status": "final", "code": {"text": "x"}})
    sent = observation[:-1] + ',"valueQuantity":{"value":7.40}}'
    whole = (
        '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"POST","url":"Observation"},'
        f'"resource":{sent}}}]}}'
    )
    headers = {"Authorization": f"Bearer {full.token}", "Content-Type": "application/fhir+json"}
    stored = full.http.post(full.base, content=whole, headers=headers).json()
    place = stored["entry"][0]["response"]["location"].partition("/_history")[0].rpartition("/fhir/")[2]
    assert "7.40" in full.get(place).text
    assert "7.40" in full.bundle("batch", get(place)).text


@pytest.mark.parametrize(
    ("sent", "given"), [("5", "5"), ("500", "20"), ("²", "20"), ("9" * 5000, "20"), ("-1", "20")]
)
def test_a_page_limit_is_the_smallest_count(sent, given):
    request = parse("GET", "Patient", f"_count={sent}", {}, b"", base_url="http://h/fhir")
    assert limited(request, 20).values("_count") == (given,)

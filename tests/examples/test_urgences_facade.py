"""The FHIR facade of the example: capabilities, formats, reads, bounds, and requests nobody should send."""

import json

import pytest
from facade_side import SCOPE, ids, outcome, raw

# Capabilities


def test_capability_statement_is_public_stable_and_true(board, http):
    first, second = (board.get("/fhir/metadata") for _ in range(2))
    statement = first.json()
    assert first.headers["etag"] == second.headers["etag"]
    assert (statement["fhirVersion"], statement["kind"], statement["status"]) == (
        "4.0.1",
        "instance",
        "active",
    )
    for part in statement["rest"][0]["resource"]:
        assert {one["code"] for one in part["interaction"]} == {"read", "search-type"}
        assert ids(http.get(part["type"]))
        for parameter in part["searchParam"]:
            value = {"date": "2020", "token": "x", "reference": "x"}[parameter["type"]]
            strict = {"Prefer": "handling=strict"}
            assert http.get(f"{part['type']}?{parameter['name']}={value}", headers=strict).status_code == 200


def test_smart_configuration_names_the_hospitals_endpoints_whatever_the_accept(board):
    answer = board.get("/fhir/.well-known/smart-configuration", headers={"Accept": "image/png"})
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert document["token_endpoint"] == f"{board.hospital.origin}/oauth/token"
    assert document["introspection_endpoint"] == f"{board.hospital.origin}/oauth/introspect"
    assert document["grant_types_supported"] == ["client_credentials"]
    assert "client-confidential-asymmetric" in document["capabilities"]


# Formats


@pytest.mark.parametrize(
    "accept",
    [
        "application/fhir+json",
        "application/json",
        "*/*",
        "text/html, application/*;q=0.8",
        "application/fhir+json; fhirVersion=4.0",
        "",
    ],
)
def test_json_is_served_to_whoever_takes_it(http, accept):
    answer = http.get("Patient/pat-000001", headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"


@pytest.mark.parametrize(
    "accept",
    ["image/png", "application/fhir+xml", "application/json;q=0", "application/fhir+json;fhirVersion=5.0"],
)
def test_other_formats_are_refused(http, accept):
    outcome(http.get("Patient/pat-000001", headers={"Accept": accept}), 406)


def test_format_parameter_wins_over_accept(http):
    assert http.get("Patient?_format=json", headers={"Accept": "image/png"}).status_code == 200
    assert (
        http.get("Patient?_format=application/fhir%2Bjson", headers={"Accept": "image/png"}).status_code
        == 200
    )
    outcome(http.get("Patient?_format=xml", headers={"Accept": "application/json"}), 406)


def test_accents_survive(http):
    assert http.get("Patient/pat-000001").json()["name"][0]["given"] == ["Zoé", "Léa"]


# Read


def test_read_carries_the_version_headers(http):
    answer = http.get("Patient/pat-000001")
    meta = answer.json()["meta"]
    assert answer.headers["etag"] == f'W/"{meta["versionId"]}"'
    assert answer.headers["last-modified"].endswith("GMT")
    assert answer.headers["vary"] == "Authorization"
    assert "server" not in answer.headers


def test_conditional_reads_answer_304_without_a_body(http):
    whole = http.get("Patient/pat-000001")
    for condition in (
        {"If-None-Match": whole.headers["etag"]},
        {"If-None-Match": f'"x", {whole.headers["etag"]}'},
        {"If-Modified-Since": whole.headers["last-modified"]},
    ):
        answer = http.get("Patient/pat-000001", headers=condition)
        assert (answer.status_code, answer.content) == (304, b"")
    assert http.get("Patient/pat-000001", headers={"If-None-Match": 'W/"other"'}).status_code == 200
    assert http.get("Patient/pat-000001", headers={"If-Modified-Since": "nonsense"}).status_code == 200


def test_head_is_get_without_the_body(http):
    for path in ("Patient/pat-000001", "Patient?_count=2", "metadata"):
        head, get = http.head(path), http.get(path)
        assert (head.status_code, head.content) == (200, b"")
        if "_count" not in path:
            assert head.headers["content-length"] == get.headers["content-length"]


def test_unknown_ids_types_and_paths_carry_an_outcome(http):
    assert outcome(http.get("Patient/unknown"), 404)["code"] == "not-found"
    assert outcome(http.get("Condition/x"), 404)["code"] == "not-supported"
    assert outcome(http.get("NoSuchType"), 404)["code"] == "not-supported"
    for path in ("", "patient/pat-000001", "Patient/pat-000001/x", "Patient/$export", "_history", "$graphql"):
        outcome(http.get(path), 404)
    for path in ("Patient;x/pat-000001", "Patient%2Fpat-000001", "Patient//pat-000001"):
        outcome(http.get(path), 400)


def test_other_methods_are_refused_with_allow(http):
    for path, allowed in (("metadata", "GET, HEAD"), ("Patient/_search", "POST"), ("Patient/x", "GET, HEAD")):
        answer = http.request("DELETE", path)
        outcome(answer, 405)
        assert answer.headers["allow"] == allowed


# Bounds and raw requests


def test_a_huge_body_is_refused_before_it_is_read(http):
    outcome(http.post("Patient/_search", content=b"x" * 1_000_000), 413)


@pytest.mark.parametrize(
    "head",
    [
        "GET /fhir/Patient HTTP/1.1\r\n",
        "GET /fhir/Patient HTTP/1.1\r\nHost: a\r\nHost: b\r\n",
        "GET /fhir/Patient HTTP/1.1\r\nHost: a b\r\n",
        "GET /fhir/../admin HTTP/1.1\r\nHost: a\r\n",
        "GET /fhir/%2e%2e/admin HTTP/1.1\r\nHost: a\r\n",
        "GET /fhir//Patient HTTP/1.1\r\nHost: a\r\n",
        "GET /fhir/Patient/%c0%ae HTTP/1.1\r\nHost: a\r\n",
        "POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "POST /fhir/Patient/_search HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n",
    ],
)
def test_ambiguous_requests_are_refused(board, head):
    answer = raw(board, f"{head}Connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1


def test_links_use_our_own_address_not_the_host_header(board):
    token = board.hospital.grant("partenaire-complet", SCOPE)
    request = f"GET /fhir/Patient HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer {token}\r\n"
    answer = raw(board, f"{request}Connection: close\r\n\r\n")
    assert b"evil.example" not in answer
    assert board.base.encode() in answer


def test_other_origins_are_not_reflected(http):
    answer = http.get("Patient", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/reset", "/__seed", "/admin", "/fhirx"])
def test_there_is_no_back_door(board, path):
    assert board.get(path).status_code == 404


def test_log_stays_one_line_per_event_and_holds_no_patient(board, http):
    http.get("Patient?_id=x%0d%0aFAKE", headers={"X-Request-Id": "a"})
    http.get("Patient?birthdate=1951")
    log = board.log.read_text()
    assert all(line[:2] == "20" and "{" in line for line in log.splitlines())
    for word in ("FAKE", "1951", "Martin", "pat-0", "eyJ"):
        assert word not in log
    assert json.loads(log.splitlines()[-1].partition("answered ")[2])["client"] == "partenaire-complet"

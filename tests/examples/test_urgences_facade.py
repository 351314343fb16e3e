"""The FHIR facade of the example answers as FHIR R4 prescribes."""

import json
import socket
from urllib.parse import quote, urlsplit

import pytest

BOTH = "system/Encounter.rs system/Location.rs system/Patient.rs"
CLASS = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
GENDER = "http://hl7.org/fhir/administrative-gender"


@pytest.fixture
def http(board):
    headers = {"Authorization": f"Bearer {board.hospital.grant('partenaire-complet', BOTH)}"}
    with board.http(headers=headers) as client:
        yield client


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [entry["resource"]["id"] for entry in answer.json().get("entry", [])]


def outcome(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/fhir+json")
    assert answer.headers["cache-control"] == "no-store, private"
    (issue,) = answer.json()["issue"]
    assert issue["severity"] == "error"
    return issue


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


# Search


@pytest.mark.parametrize(
    ("search", "numbers"),
    [
        ("Patient?_id=pat-000001", [1]),
        ("Patient?_id=pat-000001,pat-000003", [1, 3]),
        ("Patient?gender=male", [1, 3, 5, 7, 9]),
        (f"Patient?gender={quote(GENDER + '|male')}", [1, 3, 5, 7, 9]),
        (f"Patient?gender={quote(GENDER + '|')}", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("Patient?gender=%7Cmale", []),
        ("Patient?gender=urn:x%7Cmale", []),
        ("Patient?gender=unheard-of", []),
        ("Patient?gender:not=male", [2, 4, 6, 8]),
        ("Patient?gender:missing=true", []),
        ("Patient?gender=male&birthdate=lt1955", [1, 3]),
        ("Patient?birthdate=1951-01-12", [1]),
        ("Patient?birthdate=1951", [1]),
        ("Patient?birthdate=1951-01,1953-03", [1, 3]),
        ("Patient?birthdate=ne1951", [2, 3, 4, 5, 6, 7, 8, 9]),
        ("Patient?birthdate=gt1958-08-12", [9]),
        ("Patient?birthdate=ge1958-08-12", [8, 9]),
        ("Patient?birthdate=le1951-01-12", [1]),
        ("Patient?birthdate=sa1958", [9]),
        ("Patient?birthdate=eb1952", [1]),
        ("Patient?_lastUpdated=lt2000", []),
        ("Patient?_lastUpdated=ge2000-01-01T00:00:00Z", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("Encounter?patient=pat-000001", [1]),
        ("Encounter?patient=Patient/pat-000006", [6, 10, 11]),
        ("Encounter?patient:Patient=pat-000001", [1]),
        ("Encounter?patient=Group/pat-000001", []),
        ("Encounter?patient=https://elsewhere.example/fhir/Patient/pat-000001", []),
        ("Encounter?status=finished", [10]),
        ("Encounter?status=http://hl7.org/fhir/encounter-status%7Cfinished", [10]),
        ("Encounter?status=finished,cancelled&patient=pat-000006", [10]),
        ("Encounter?class=EMER&patient=pat-000001", [1]),
        (f"Encounter?class={quote(CLASS + '|EMER')}&patient=pat-000001", [1]),
        ("Encounter?class=%7CEMER", []),
        ("Encounter?location=loc-urg-rangueil", [7, 8, 9, 11]),
        ("Encounter?location=Location/loc-urg-rangueil&status:not=in-progress", []),
        (
            "Encounter?date=ge2023-06-15T11:00:00%2B02:00&status=in-progress&location=loc-urg-rangueil",
            [7, 8, 9, 11],
        ),
        ("Encounter?date=lt2023-06-15T01:45:00%2B02:00", [1]),
        ("Encounter?date=lt2023-06-14T23:45:00Z", [1]),
    ],
)
def test_search_finds_exactly_what_is_asked(http, search, numbers):
    assert [int(found[-6:]) for found in ids(http.get(search))] == numbers


def test_search_by_absolute_reference_of_our_own(board, http):
    assert ids(http.get(f"Encounter?patient={board.base}/Patient/pat-000001")) == ["enc-000001"]


def test_post_search_equals_get_and_both_places_count(http):
    by_get = http.get("Patient?gender=male&_count=3").json()
    by_post = http.post("Patient/_search?_count=3", data={"gender": "male"}).json()
    assert by_get["entry"] == by_post["entry"]
    assert by_get["total"] == by_post["total"] == 5
    outcome(http.post("Patient/_search", json={"gender": "male"}), 415)


def test_bundle_has_the_links_and_modes_of_a_searchset(board, http):
    bundle = http.get("Patient?gender=male&nonsense=1&_count=2").json()
    assert (bundle["resourceType"], bundle["type"], bundle["total"]) == ("Bundle", "searchset", 5)
    links = {link["relation"]: link["url"] for link in bundle["link"]}
    assert links["self"] == f"{board.base}/Patient?gender=male&_count=2"
    assert set(links) == {"self", "next"}
    for entry in bundle["entry"]:
        assert entry["search"] == {"mode": "match"}
        assert entry["fullUrl"] == f"{board.base}/Patient/{entry['resource']['id']}"


def test_pages_together_hold_every_match_once(http):
    found, url = [], "Encounter?_count=4"
    while url:
        page = http.get(url)
        found += ids(page)
        url = next((link["url"] for link in page.json()["link"] if link["relation"] == "next"), None)
    assert found == [f"enc-{n:06}" for n in range(1, 12)]


def test_include_brings_each_target_once_and_outside_the_total(http):
    bundle = http.get(
        "Encounter?patient=pat-000006&_include=Encounter:location&_include=Encounter:patient"
    ).json()
    entries = [
        (entry["search"]["mode"], entry["fullUrl"].rpartition("/fhir/")[2]) for entry in bundle["entry"]
    ]
    assert bundle["total"] == 3
    assert [one for mode, one in entries if mode == "match"] == [f"Encounter/enc-{n:06}" for n in (6, 10, 11)]
    included = [one for mode, one in entries if mode == "include"]
    assert sorted(included) == ["Location/loc-urg-purpan", "Location/loc-urg-rangueil", "Patient/pat-000006"]
    assert "_include=Encounter" in bundle["link"][0]["url"]
    strict = {"Prefer": "handling=strict"}
    outcome(http.get("Encounter?_include=Encounter:episode-of-care", headers=strict), 400)


def test_no_empty_array_is_sent(http):
    assert "entry" not in http.get("Patient?_id=nobody").json()
    assert "entry" not in http.get("Patient?_count=0").json()
    assert http.get("Patient?_count=0").json()["total"] == 9


def test_unknown_parameters_are_ignored_or_refused_as_asked(http):
    assert len(ids(http.get("Patient?favourite-colour=blue"))) == 9
    outcome(http.get("Patient?favourite-colour=blue", headers={"Prefer": "handling=strict"}), 400)


@pytest.mark.parametrize(
    "search",
    [
        "Patient?birthdate=foo",
        "Patient?birthdate=2024-13-01",
        "Patient?birthdate=2023-02-30",
        "Patient?birthdate=",
        "Patient?birthdate=xx2024",
        "Patient?gender=",
        "Patient?gender=a%7Cb%7Cc",
        "Patient?gender:text=male",
        "Patient?birthdate:not=1951",
        "Patient?_id=not an id",
        "Patient?_count=-1",
        "Patient?_count=many",
        "Patient?_count=1000000000",
        "Patient?_id=" + ",".join(["x"] * 1000),
        "Encounter?patient=%C3%A9",
        "Encounter?date=2023-06-15T10",
        "Patient?gender=%FF",
        "Patient?gender",
        "Patient?" + "&".join(["gender=male"] * 200),
    ],
)
def test_invalid_searches_are_refused(http, search):
    outcome(http.get(search), 400)


def test_commas_can_be_escaped(http):
    assert ids(http.get("Patient?gender=male%5C,female")) == []


# Bounds and raw requests


def raw(board, request: str) -> bytes:
    split = urlsplit(board.url)
    with socket.create_connection((split.hostname, split.port), 5) as wire:
        wire.sendall(request.encode("latin-1"))
        wire.settimeout(5)
        answer = b""
        while chunk := wire.recv(65536):
            answer += chunk
        return answer


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
    token = board.hospital.grant("partenaire-complet", BOTH)
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

"""Formats, versions and preferences in the headers."""

import httpx
import pytest
from server_hospital import Hospital, observation, patient


def test_read_names_its_version(everything: Hospital) -> None:
    answer = everything.get("/Patient/in1")
    assert answer.headers["etag"] == f'W/"{answer.json["meta"]["versionId"]}"'
    assert answer.headers["last-modified"].endswith("GMT")
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"


def test_conditional_read_answers_304_or_everything(everything: Hospital) -> None:
    first = everything.get("/Patient/in1")
    same = everything.get("/Patient/in1", if_none_match=first.headers["etag"])
    assert (same.status, same.body, same.headers["etag"]) == (304, b"", first.headers["etag"])
    assert everything.get("/Patient/in1", if_none_match='W/"8"').status == 200
    assert everything.get("/Patient/in1", if_modified_since=first.headers["last-modified"]).status == 304
    assert everything.get("/Patient/in1", if_modified_since="Mon, 01 Jan 2001 00:00:00 GMT").status == 200
    assert everything.get("/Patient/in1", if_modified_since="yesterday").body == first.body


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/fhir+json", 200),
        ("application/json", 200),
        ("*/*", 200),
        ("text/html, application/xhtml+xml, */*;q=0.8", 200),
        ("application/fhir+json; fhirVersion=4.0", 200),
        ("application/fhir+json; fhirVersion=3.0", 406),
        ("application/fhir+json;q=0", 406),
        ("application/fhir+json;q=x", 406),
        ("application/fhir+xml", 406),
        ("image/png", 406),
    ],
)
def test_accept_is_negotiated(everything: Hospital, accept: str, status: int) -> None:
    assert everything.get("/Patient/in1", accept=accept).status == status


def test_format_goes_before_accept(everything: Hospital) -> None:
    assert everything.get("/Patient/in1?_format=json", accept="image/png").status == 200
    assert everything.get("/Patient/in1?_format=application/fhir%2Bjson", accept="image/png").status == 200
    assert everything.get("/Patient/in1?_format=application/fhir+json").status == 200
    assert everything.get("/Patient/in1?_format=ttl").status == 406


@pytest.mark.parametrize("media_type", ["text/plain", "application/fhir+xml", "", "multipart/form-data"])
def test_a_body_of_another_type_is_refused(writable: Hospital, media_type: str) -> None:
    assert writable.ask("POST", "/Patient", patient("x", "Neuf"), content_type=media_type).status == 415
    assert writable.ids("/Patient?family=Neuf") == []


def test_prefer_return_is_honoured(writable: Hospital) -> None:
    body = observation("x", "in1")
    whole = writable.ask("POST", "/Observation", body, prefer="return=representation")
    minimal = writable.ask("POST", "/Observation", body, prefer="return=minimal")
    told = writable.ask("PUT", "/Observation/y", {**body, "id": "y"}, prefer="return=OperationOutcome")
    assert (whole.status, whole.json["resourceType"]) == (201, "Observation")
    assert (minimal.status, minimal.body) == (201, b"")
    assert minimal.headers["location"].endswith("/_history/1")
    assert (told.status, told.json["resourceType"]) == (201, "OperationOutcome")


def test_pretty_is_the_same_resource_on_several_lines(everything: Hospital) -> None:
    pretty = everything.get("/Patient/in1?_pretty=true")
    assert pretty.json == everything.get("/Patient/in1").json
    assert pretty.body.count(b"\n") > 10
    assert everything.get("/Patient/in1?_pretty=maybe").status == 400


def test_head_answers_as_get_without_a_body(http: httpx.Client) -> None:
    got, headed = http.get("/Patient/in1"), http.head("/Patient/in1")
    assert (headed.status_code, headed.content) == (200, b"")
    for name in ("etag", "last-modified", "content-type", "content-length"):
        assert headed.headers[name] == got.headers[name]
    assert http.head("/Patient/nobody").status_code == 404


@pytest.mark.parametrize(
    ("summary", "kept", "dropped"),
    [
        ("true", {"id", "name", "gender", "birthDate"}, {"generalPractitioner", "text"}),
        ("text", {"id", "text"}, {"name", "gender"}),
        ("data", {"id", "name", "generalPractitioner"}, {"text"}),
    ],
)
def test_summaries_keep_what_they_must(
    writable: Hospital, summary: str, kept: set[str], dropped: set[str]
) -> None:
    narrative = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}
    more = {"text": narrative, "birthDate": "1950-01-01", "generalPractitioner": [{"display": "x"}]}
    writable.ask("PUT", "/Patient/in1", patient("in1", **more))
    for resource in (
        writable.get(f"/Patient/in1?_summary={summary}").json,
        writable.get(f"/Patient?_id=in1&_summary={summary}").entries[0]["resource"],
    ):
        assert kept <= resource.keys()
        assert not dropped & resource.keys()
        assert resource["meta"]["tag"][-1]["code"] == "SUBSETTED"
    assert "tag" not in writable.get("/Patient/in1?_summary=false").json["meta"]


def test_elements_keep_mandatory_ones_and_every_spelling_of_a_choice(everything: Hospital) -> None:
    shown = everything.get("/Observation/in1-0?_elements=value").json
    assert set(shown) == {"resourceType", "id", "meta", "status", "code", "valueQuantity"}
    assert everything.get("/Observation/in1-0?_elements=value&_summary=true").status == 400
    assert everything.get("/Observation/in1-0?_summary=some").status == 400

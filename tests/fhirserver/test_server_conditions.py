"""Conditions on writes and reads, one test for each row of the tables of R4."""

import httpx
import pytest
from server_hospital import BASE, BOTH, INS, UNKNOWN, Hospital, observation, patient

ONE, NONE, MANY = f"identifier={INS}|ins-in1", "identifier=urn:nobody|1", "birthdate=lt2020"


def nameless(family: str = "Changé") -> dict[str, object]:
    return {name: value for name, value in patient("x", family).items() if name != "id"}


def versions(hospital: Hospital) -> dict[str, str]:
    return {i: hospital.get(f"/Patient/{i}").json["meta"]["versionId"] for i in ("in1", "in2", "out1")}


@BOTH
@pytest.mark.parametrize(
    ("criteria", "id_", "status", "stored"),
    [
        (NONE, None, 201, None),
        (NONE, "new", 201, "new"),
        (NONE, "in2", 409, None),
        (ONE, None, 200, "in1"),
        (ONE, "in1", 200, "in1"),
        (ONE, "in2", 400, None),
        (MANY, None, 412, None),
        (MANY, "in1", 412, None),
        ("", "in1", 400, None),
        ("unheard=1", "in1", 400, None),
        ("_sort=family", "in1", 400, None),
    ],
)
def test_conditional_update(
    writable: Hospital, criteria: str, id_: str | None, status: int, stored: str | None
) -> None:
    before = versions(writable)
    body = nameless() if id_ is None else {**nameless(), "id": id_}
    answer = writable.ask("PUT", f"/Patient?{criteria}", body)
    assert answer.status == status, answer.body
    if status >= 400:
        assert versions(writable) == before
    else:
        assert stored in {None, answer.json["id"]}
        assert answer.headers["location"].startswith(
            f"http://hospital.test/fhir/Patient/{answer.json['id']}/"
        )


@BOTH
def test_a_conditional_update_brings_a_deleted_id_back(writable: Hospital) -> None:
    writable.ask("DELETE", "/Patient/in2")
    answer = writable.ask("PUT", f"/Patient?{NONE}", {**nameless(), "id": "in2"})
    assert (answer.status, answer.headers["etag"]) == (201, 'W/"3"')


@BOTH
@pytest.mark.parametrize(("criteria", "status"), [(NONE, 201), (ONE, 200), (MANY, 412), ("", 400)])
def test_conditional_create(writable: Hospital, criteria: str, status: int) -> None:
    before = versions(writable)
    answer = writable.ask("POST", "/Patient", nameless(), if_none_exist=criteria)
    assert answer.status == status
    assert versions(writable) == before
    if status == 200:
        assert answer.headers["location"].endswith("/Patient/in1/_history/1")


@BOTH
@pytest.mark.parametrize(
    ("said", "status"),
    [
        (f"Patient?{ONE}", 200),
        (f"{BASE}/Patient?{ONE}", 200),  # as the HAPI client writes it
        (f"{BASE}/Patient?{NONE}", 201),
        (f"{BASE}/Observation?{ONE}", 400),
        (f"http://elsewhere.test/fhir/Patient?{ONE}", 400),
    ],
)
def test_a_condition_may_be_written_as_the_url_of_its_search(
    writable: Hospital, said: str, status: int
) -> None:
    before = versions(writable)
    assert writable.ask("POST", "/Patient", nameless(), if_none_exist=said).status == status
    assert versions(writable) == before


@BOTH
@pytest.mark.parametrize(
    ("criteria", "status"), [(NONE, 204), (ONE, 204), (MANY, 412), ("", 400), ("x=1", 400)]
)
def test_conditional_delete(writable: Hospital, criteria: str, status: int) -> None:
    answer = writable.ask("DELETE", f"/Patient?{criteria}")
    assert answer.status == status
    assert ("etag" in answer.headers) is (criteria == ONE)
    assert writable.get("/Patient/in1").status == (410 if criteria == ONE else 200)
    assert len(writable.ids("/Patient")) == (4 if criteria == ONE else 5)


@BOTH
def test_a_conditional_delete_verifies_the_version(writable: Hospital) -> None:
    assert writable.ask("DELETE", f"/Patient?{ONE}", if_match='W/"7"').status == 412
    assert writable.ask("DELETE", f"/Patient?{ONE}", if_match='W/"1"').status == 204


@BOTH
def test_conditional_delete_is_no_oracle(confined: Hospital, writable: Hospital) -> None:
    hidden, unknown, several = (
        confined.ask("DELETE", f"/Patient?{criteria}")
        for criteria in ("identifier=ins-out1", "identifier=ins-unknown", "family=Lefebvre,Petit")
    )
    assert hidden.response == unknown.response == several.response
    assert hidden.status == 204
    assert len(writable.ids("/Patient")) == 5
    assert confined.ask("DELETE", f"/Patient?{ONE}").status == 204
    assert confined.ask("DELETE", "/Group?_id=oncology").status == 403


@BOTH
def test_a_bundle_deletes_by_criteria(writable: Hospital) -> None:
    def run(kind: str, *urls: str) -> list[str]:
        entries = [{"request": {"method": "DELETE", "url": url}} for url in urls]
        answer = writable.ask("POST", "/", {"resourceType": "Bundle", "type": kind, "entry": entries})
        return [e["response"]["status"][:3] for e in answer.entries] or [str(answer.status)]

    assert run("transaction", f"Patient?{ONE}", "Patient/in1") == ["400"]
    assert run("transaction", f"Patient?{MANY}", "Patient/in2") == ["412"]
    assert len(writable.ids("/Patient")) == 5
    assert run("transaction", f"Patient?{ONE}", f"Patient?{NONE}", "Patient/in2") == ["204"] * 3
    assert run("batch", f"Patient?{MANY}", "Patient?identifier=ins-out1") == ["412", "204"]
    assert writable.ids("/Patient") == ["former", "out2"]


@BOTH
@pytest.mark.parametrize(
    ("tag", "status"),
    [
        ('W/"1"', 200),
        ('"1"', 200),
        ('W/"7", W/"1"', 200),
        ("*", 200),
        ('W/"7"', 412),
        ('W/"7", W/"8"', 412),
        ('W/""', 412),
        ("1", 400),
        ('W/"1" W/"2"', 400),
        ("", 400),
    ],
)
def test_if_match(writable: Hospital, tag: str, status: int) -> None:
    asked = (
        ("PUT", "/Patient/in1", patient("in1"), "application/fhir+json"),
        ("PATCH", "/Patient/in2", [], "application/json-patch+json"),
        ("DELETE", "/Patient/out1", None, ""),
    )
    for method, url, body, media_type in asked:
        answer = writable.ask(method, url, body, if_match=tag, content_type=media_type)
        assert answer.status == (204 if (method, status) == ("DELETE", 200) else status), method


@BOTH
def test_if_match_on_what_is_not_there(writable: Hospital) -> None:
    for tag in ('W/"1"', "*"):
        assert writable.ask("PUT", "/Patient/new", patient("new"), if_match=tag).status == 412
        assert writable.ask("PUT", f"/Patient?{NONE}", nameless(), if_match=tag).status == 412
        assert writable.ask("DELETE", f"/Patient/{UNKNOWN}", if_match=tag).status == 204
    assert len(writable.ids("/Patient")) == 5


@BOTH
def test_if_none_match_protects_what_is_there(writable: Hospital) -> None:
    assert writable.ask("PUT", "/Patient/in1", patient("in1"), if_none_match="*").status == 412
    assert writable.ask("PUT", "/Patient/in1", patient("in1"), if_none_match='W/"1"').status == 412
    assert writable.ask("PUT", "/Patient/in1", patient("in1"), if_none_match='W/"7"').status == 200
    assert writable.ask("PUT", "/Patient/new", patient("new"), if_none_match="*").status == 201
    writable.ask("DELETE", "/Patient/new")
    assert writable.ask("PUT", "/Patient/new", patient("new"), if_none_match="*").status == 201


@BOTH
def test_if_none_match_goes_before_if_modified_since(everything: Hospital) -> None:
    first = everything.get("/Patient/in1")
    modified = first.headers["last-modified"]
    assert everything.get("/Patient/in1", if_none_match='W/"7"', if_modified_since=modified).status == 200
    old = "Mon, 01 Jan 2001 00:00:00 GMT"
    assert everything.get("/Patient/in1", if_none_match='W/"1"', if_modified_since=old).status == 304
    for wrong in ("", "0", "Mon, 01 Jan 0000 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359"):
        assert everything.get("/Patient/in1", if_modified_since=wrong).status in {200, 304}


@BOTH
@pytest.mark.parametrize("preferred", ["minimal", "representation", "OperationOutcome"])
def test_every_write_answers_as_preferred(writable: Hospital, preferred: str) -> None:
    prefer = f"return={preferred}"
    answers = [
        writable.ask("POST", "/Patient", nameless(), prefer=prefer),
        writable.ask("POST", "/Patient", nameless(), prefer=prefer, if_none_exist=ONE),
        writable.ask("PUT", "/Patient/in1", patient("in1"), prefer=prefer),
        writable.ask("PUT", f"/Patient?{ONE}", nameless(), prefer=prefer),
        writable.ask("PATCH", "/Patient/in1", [], prefer=prefer, content_type="application/json-patch+json"),
    ]
    for answer in answers:
        assert {"etag", "last-modified", "location"} <= answer.headers.keys()
        if preferred == "minimal":
            assert answer.body == b""
        else:
            wanted = "Patient" if preferred == "representation" else preferred
            assert answer.json["resourceType"] == wanted


@BOTH
@pytest.mark.parametrize(
    "path", ["/Patient/in1", "/Patient", "/_history", "/Patient/_history", "/metadata", "/?_type=Patient"]
)
def test_every_read_negotiates_its_format(everything: Hospital, path: str) -> None:
    joint = "&" if "?" in path else "?"
    for accept in ("application/fhir+xml", "text/turtle", "application/xml"):
        answer = everything.get(path, accept=accept)
        assert (answer.status, answer.json["resourceType"]) == (406, "OperationOutcome")
    for asked in ("xml", "ttl", "application/fhir%2Bxml", "html", ""):
        assert everything.get(f"{path}{joint}_format={asked}").status == 406
    for asked in ("json", "application/json", "application/fhir%2Bjson"):
        assert everything.get(f"{path}{joint}_format={asked}", accept="text/turtle").status == 200
    assert b"\n" in everything.get(f"{path}{joint}_pretty=true").body


@BOTH
def test_every_write_negotiates_its_format(writable: Hospital) -> None:
    for method, url in (
        ("POST", "/Patient"),
        ("PUT", "/Patient/in1"),
        ("PATCH", "/Patient/in1"),
        ("DELETE", "/Patient/in1"),
    ):
        assert writable.ask(method, url, nameless(), accept="application/fhir+xml").status == 406
    assert len(writable.ids("/Patient")) == 5
    assert set(versions(writable).values()) == {"1"}


@BOTH
def test_a_post_to_an_instance_is_no_search(http: httpx.Client) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    for path in ("/Patient/in1/_search", "/metadata/_search", "/_history/_search"):
        assert http.post(path, content="", headers=form).status_code == 404


@BOTH
def test_the_shapes_of_a_read(writable: Hospital) -> None:
    writable.ask("PUT", "/Observation/in1-0", observation("in1-0", "in1", note=[{"text": "x"}]))
    shown = {
        summary: set(writable.get(f"/Observation/in1-0?_summary={summary}").json)
        for summary in ("true", "false", "text", "data", "count")
    }
    assert "note" not in shown["true"] | shown["text"]
    assert "note" in shown["false"] & shown["data"] & shown["count"]
    history = writable.get("/Observation/in1-0/_history?_summary=true").entries
    assert all("note" not in e["resource"] for e in history)

"""The functional checks of a FHIR server, over real HTTP."""

import json
from typing import Any

import httpx
from server_hospital import INS, observation, patient

FHIR = {"content-type": "application/fhir+json"}


def post(http: httpx.Client, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return http.post(path, content=json.dumps(body), headers={**FHIR, **named})


def put(http: httpx.Client, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return http.put(path, content=json.dumps(body), headers={**FHIR, **named})


def found(http: httpx.Client, url: str) -> set[str]:
    answer = http.get(url)
    assert answer.status_code == 200, answer.text
    return {e["resource"]["id"] for e in answer.json().get("entry", []) if e["search"]["mode"] == "match"}


def test_metadata_announces_r4(http: httpx.Client) -> None:
    answer = http.get("/metadata")
    assert (answer.status_code, answer.json()["fhirVersion"]) == (200, "4.0.1")


def test_a_patient_is_created_then_read_at_its_location(http: httpx.Client, address: str) -> None:
    created = post(http, "/Patient", {**patient("ignored"), "meta": {"versionId": "9"}})
    id_ = created.json()["id"]
    assert created.status_code == 201
    assert id_ != "ignored"
    assert created.headers["location"] == f"{address}/Patient/{id_}/_history/1"
    assert http.get(created.headers["location"]).content == http.get(f"/Patient/{id_}").content


def test_created_resources_are_found_at_once(http: httpx.Client) -> None:
    id_ = post(http, "/Observation", observation("x", "in1", "9999-9")).json()["id"]
    assert found(http, "/Observation?patient=in1&code=9999-9") == {id_}


def test_searches_of_the_list(http: httpx.Client) -> None:
    expected = {
        f"Patient?identifier={INS}|ins-in1": {"in1"},
        "Patient?identifier=urn:other|ins-in1": set(),
        "Patient?family=Lef": {"in1", "out1"},
        "Patient?family=lef&_id=in1": {"in1"},
        "Patient?name=lefevre": {"in1"},
        "Patient?name:exact=Lefèvre": {"in1"},
        "Patient?name:exact=lefèvre": set(),
        "Patient?gender=female&birthdate=lt1960": {"in1"},
        "Patient?gender:not=female": {"in2", "out2"},
        "Observation?patient=in1&code=718-7": {"in1-0", "tie", "focus"},
        "Observation?patient=in1&code=2345-7,6690-2": {"in1-1", "in1-2"},
        "Encounter?date=sa2026-03-02&date=le2026-03-12": {"stay-out1", "stay-out2", "stay-former"},
        "Observation?value-quantity=gt14.1": {"former-2"},
        f"Observation?patient.identifier={INS}|ins-in2": {"in2-0", "in2-1", "in2-2"},
        "Patient?_has:Observation:patient:code=6690-2": {"in1", "in2"},
    }
    got = {url: found(http, f"/{url}") for url in expected}
    assert got == expected


def test_includes_are_marked_and_not_counted(http: httpx.Client) -> None:
    answer = http.get("/Observation?code=6690-2&_include=Observation:subject&_total=accurate").json()
    modes = [(e["resource"]["id"], e["search"]["mode"]) for e in answer["entry"]]
    assert modes == [("in2-2", "match"), ("in1-2", "match"), ("in1", "include"), ("in2", "include")]
    assert answer["total"] == 2


def test_reverse_includes_bring_what_refers_to_the_matches(http: httpx.Client) -> None:
    answer = http.get("/Patient?_id=in2&_revinclude=Observation:subject&_revinclude=Encounter:patient").json()
    included = [e["resource"]["id"] for e in answer["entry"] if e["search"]["mode"] == "include"]
    assert included == ["in2-0", "in2-1", "in2-2", "stay-in2"]


def test_a_search_is_sorted_and_paged_to_the_end(http: httpx.Client) -> None:
    url, got, pages = "/Observation?_sort=-date&code=718-7&_count=2", [], 0
    while url:
        page = http.get(url).json()
        got += [e["resource"]["id"] for e in page["entry"]]
        url = next((x["url"] for x in page["link"] if x["relation"] == "next"), "")
        pages += 1
    assert got == ["former-0", "out2-0", "out1-0", "in2-0", "in1-0", "focus", "tie"]
    assert pages == 4


def test_elements_and_summary(http: httpx.Client) -> None:
    only = http.get("/Patient/in1?_elements=gender").json()
    assert set(only) == {"resourceType", "id", "meta", "gender"}
    assert only["meta"]["tag"][-1]["code"] == "SUBSETTED"
    count = http.get("/Patient?_summary=count").json()
    assert (count["total"], "entry" in count) == (5, False)


def test_post_search_equals_get(http: httpx.Client) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    posted = http.post("/Patient/_search", content="family=Lef&gender=female", headers=form)
    assert posted.json() == http.get("/Patient?family=Lef&gender=female").json()


def test_update_makes_a_version_and_history_keeps_both(http: httpx.Client) -> None:
    updated = put(http, "/Patient/in1", patient("in1", "Nouveau"), if_match='W/"1"')
    assert (updated.status_code, updated.headers["etag"]) == (200, 'W/"2"')
    history = http.get("/Patient/in1/_history").json()
    assert [e["resource"]["meta"]["versionId"] for e in history["entry"]] == ["2", "1"]
    assert history["total"] == 2
    assert http.get("/Patient/in1/_history/1").json()["name"][0]["family"] == "Lefèvre"
    assert http.get("/Patient/in1/_history/7").status_code == 404


def test_a_stale_if_match_writes_nothing(http: httpx.Client) -> None:
    before = http.get("/Patient/in1").content
    assert put(http, "/Patient/in1", patient("in1", "Autre"), if_match='W/"7"').status_code == 412
    assert http.get("/Patient/in1").content == before


def test_what_is_not_declared_is_refused_with_an_outcome(http: httpx.Client) -> None:
    refused = {
        ("PATCH", "/Patient/in1"): 415,
        ("PATCH", "/Binary/b"): 405,
        ("GET", "?name=x"): 400,
        ("DELETE", "/Patient?family=Lef"): 412,
        ("DELETE", "/Patient"): 400,
        ("PATCH", "/Patient/in1/_history/1"): 405,
        ("GET", "/Patient/_search"): 405,
        ("GET", "/Unicorn/1"): 404,
        ("GET", "/Patient/in1/$nothing"): 404,
        ("TRACE", "/Patient/in1"): 405,
    }
    for (method, path), status in refused.items():
        answer = http.request(method, path)
        assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome"), path
    for path, allowed in {
        "/Patient/in1": "DELETE, GET, HEAD, PATCH, PUT",
        "/Patient": "DELETE, GET, HEAD, PATCH, POST, PUT",
        "/Patient/in1/_history": "GET, HEAD",
        "/Patient/_search": "POST",
        "/_search": "POST",
        "/metadata": "GET, HEAD",
        "": "GET, HEAD, POST",
    }.items():
        assert http.request("OPTIONS", path).headers["allow"] == allowed


def test_an_invalid_body_is_refused_and_nothing_is_stored(http: httpx.Client) -> None:
    answer = post(http, "/Patient", {**patient("x", "Secret"), "gender": "unheard-of", "extra": 1})
    assert answer.status_code == 422
    assert {i["expression"][0] for i in answer.json()["issue"]} == {"Patient.gender", "Patient.extra"}
    assert "unheard-of" not in answer.text
    assert found(http, "/Patient?family=Secret") == set()


def test_unknown_id_is_404_with_an_outcome(http: httpx.Client) -> None:
    answer = http.get("/Patient/nobody")
    assert (answer.status_code, answer.json()["resourceType"]) == (404, "OperationOutcome")
    assert "nobody" not in answer.text


def test_conditional_create_leaves_one_resource(http: httpx.Client) -> None:
    new = patient("x", identifier=[{"system": "urn:visits", "value": "1"}])
    once = post(http, "/Patient", new, if_none_exist="identifier=urn:visits|1")
    again = post(http, "/Patient", new, if_none_exist="identifier=urn:visits|1")
    assert (once.status_code, again.status_code) == (201, 200)
    assert again.headers["location"] == once.headers["location"]
    assert post(http, "/Patient", new, if_none_exist="gender=female").status_code == 412
    assert post(http, "/Patient", new, if_none_exist="nope=1").status_code == 400
    assert post(http, "/Patient", new, if_none_exist="").status_code == 400


def test_xml_is_refused(http: httpx.Client) -> None:
    assert http.get("/Patient/in1", headers={"accept": "application/fhir+xml"}).status_code == 406
    assert http.get("/Patient/in1?_format=xml").status_code == 406


def test_an_unknown_parameter_is_ignored_or_refused_as_the_client_prefers(http: httpx.Client) -> None:
    lenient = http.get("/Patient?unheard=1&family=Lef")
    self_link = lenient.json()["link"][0]["url"]
    assert lenient.status_code == 200
    assert self_link.endswith("/Patient?family=Lef")
    assert http.get("/Patient?unheard=1", headers={"prefer": "handling=strict"}).status_code == 400


def test_deleted_is_gone_and_can_come_back(http: httpx.Client) -> None:
    assert http.delete("/Observation/in1-0").status_code == 204
    assert http.get("/Observation/in1-0").status_code == 410
    assert http.delete("/Observation/in1-0").status_code == 204
    assert http.delete("/Observation/never").status_code == 204
    assert "in1-0" not in found(http, "/Observation?patient=in1")
    assert put(http, "/Observation/in1-0", observation("in1-0", "in1")).headers["etag"] == 'W/"3"'
    methods = [e["request"]["method"] for e in http.get("/Observation/in1-0/_history").json()["entry"]]
    assert methods == ["PUT", "DELETE", "POST"]


def test_put_creates_under_the_id_of_the_client(http: httpx.Client) -> None:
    assert put(http, "/Patient/mine", patient("mine")).status_code == 201
    assert put(http, "/Patient/mine", patient("other")).status_code == 400
    nameless = {k: v for k, v in patient("mine").items() if k != "id"}
    assert put(http, "/Patient/mine", nameless).status_code == 400


def test_conditional_update(http: httpx.Client) -> None:
    changed = {k: v for k, v in patient("in1", "Changé").items() if k != "id"}
    url = f"/Patient?identifier={INS}|ins-in1"
    assert put(http, url, changed).json()["id"] == "in1"
    assert put(http, url, {**changed, "id": "in2"}).status_code == 400
    assert put(http, "/Patient?identifier=urn:new|1", changed).status_code == 201
    assert put(http, "/Patient?gender=female", changed).status_code == 412
    assert put(http, "/Patient", changed).status_code == 400


def test_text_survives_create_read_and_search(http: httpx.Client) -> None:
    id_ = post(http, "/Patient", patient("x", "Œœ Ÿ 😀 é")).json()["id"]
    assert http.get(f"/Patient/{id_}").json()["name"][0]["family"] == "Œœ Ÿ 😀 é"
    assert found(http, "/Patient?family=oeoe y") == {id_}
    assert "charset=utf-8" in http.get(f"/Patient/{id_}").headers["content-type"]


def test_history_is_paged_and_filtered(http: httpx.Client) -> None:
    for n in range(4):
        last = put(http, "/Patient/in1", patient("in1", f"Nom{n}"))
    first = http.get("/Patient/in1/_history?_count=2").json()
    links = {x["relation"]: x["url"] for x in first["link"]}
    second = http.get(links["next"]).json()
    versions = [e["resource"]["meta"]["versionId"] for p in (first, second) for e in p["entry"]]
    assert (versions, first["total"]) == (["5", "4", "3", "2"], 5)
    since = last.json()["meta"]["lastUpdated"]
    recent = http.get(f"/Patient/in1/_history?_since={since}").json()
    assert [e["resource"]["meta"]["versionId"] for e in recent["entry"]] == ["5"]

"""Bulk export: its files hold exactly what searches find in the view, at one moment."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest
from exporting import RESPOND_ASYNC, ended, exported, ids, lines, manifest, started
from server_hospital import BASE, COHORT, Hospital, StoreAt, hospital, observation, patient

from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.operations import export_run

MANY = 1500


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, store_at: StoreAt) -> Iterator[Hospital]:
    """A hospital of a few thousand resources."""
    path = tmp_path_factory.mktemp("export") / "large.db"
    backend = EmbeddedBackend(store_at(path), page_key=b"p" * 32, exports=path.with_name("exports"))
    more = [observation(f"{of}-many-{n}", of) for n in range(MANY) for of in ("in1", "out1")]
    backend.load([*hospital(), *more])
    yield Hospital(backend)
    backend.close()


def searched(asked: Hospital, type_: str) -> list[bytes]:
    """Return the bytes of what pages of a search give."""
    pages = asked.pages(f"/{type_}?_count=1000")
    return sorted(orjson.dumps(entry["resource"]) for page in pages for entry in page.entries)


@pytest.mark.parametrize("view", ["everything", "cohort"])
def test_the_files_hold_what_searches_return(large: Hospital, view: str, monkeypatch) -> None:
    monkeypatch.setattr(export_run, "LINES", 1000)
    asked = large if view == "everything" else large.seen_through(COHORT)
    found = exported(asked, "/$export")
    assert found.keys() == {"Encounter", "Group", "Observation", "Organization", "Patient", "Practitioner"}
    for type_, several in found.items():
        assert sorted(several) == searched(asked, type_), type_
    assert len(found["Observation"]) == (2 * MANY + 17 if view == "everything" else MANY + 7)


def test_a_file_is_sent_in_small_chunks(large: Hospital) -> None:
    (item,) = manifest(large, "/$export?_type=Observation")["output"]
    chunks = list(large.get(item["url"]).response.chunks or ())
    assert len(chunks) > 5
    assert max(map(len, chunks)) < 70_000


def test_other_requests_are_answered_while_it_runs(large: Hospital, monkeypatch) -> None:
    monkeypatch.setattr(export_run, "_PAUSE_S", 0.03)
    status_url = started(large, "/$export?_type=Observation")
    running = large.get(status_url)
    assert large.get("/Patient/in1").status == 200
    assert running.status == 202
    assert running.headers["x-progress"] == "0 of 1 resource types"
    assert large.get(status_url).status in {200, 429}
    assert ended(large, status_url).status == 200


def test_the_manifest_says_what_was_asked(everything: Hospital) -> None:
    found = manifest(everything, "/Patient/$export?_type=Patient,Encounter&_outputFormat=ndjson")
    assert found["request"] == f"{BASE}/Patient/$export?_type=Patient,Encounter&_outputFormat=ndjson"
    assert found["requiresAccessToken"] is True
    assert (found["deleted"], found["error"]) == ([], [])
    assert [item["type"] for item in found["output"]] == ["Encounter", "Patient"]


def test_an_export_of_patients_is_of_their_compartments(everything: Hospital, cohort: Hospital) -> None:
    types = {"Encounter", "Observation", "Patient"}
    assert exported(everything, "/Patient/$export").keys() == types
    inside = exported(everything, "/Group/oncology/$export")
    assert {i.partition("/")[2].partition("-")[0] for i in ids({"Patient": inside["Patient"]})} == {
        "in1",
        "in2",
    }
    assert {"Observation/tie", "Observation/focus", "Observation/in2-0"} <= ids(inside)
    assert not {"Observation/out1-0", "Patient/former"} & ids(inside)
    confined = ids(exported(cohort, "/Group/oncology/$export"))
    assert confined == ids(inside) - {"Observation/tie"}


def test_a_view_exports_no_group_that_it_does_not_show(cohort: Hospital) -> None:
    hidden, unknown = (
        cohort.get(f"/Group/{id_}/$export", **RESPOND_ASYNC) for id_ in ("cardiology", "never-existed")
    )
    assert (hidden.status, hidden.body) == (404, unknown.body)


def test_a_view_exports_no_type_that_it_does_not_show(cohort: Hospital) -> None:
    assert cohort.get("/$export?_type=Condition", **RESPOND_ASYNC).status == 400


def test_filters_of_one_type_add_up(everything: Hospital) -> None:
    url = (
        "/$export?_type=Observation,Patient&_typeFilter=Observation%3Fcode%3D718-7%26subject%3DPatient%2Fin1,"
        "Observation%3Fcode%3Dsecret%2C6690-2%26subject%3DPatient%2Fin2"
    )
    found = exported(everything, url)
    assert ids({"Observation": found["Observation"]}) == {
        *(f"Observation/{id_}" for id_ in ("in1-0", "in2-2", "tie", "focus")),
    }
    assert len(found["Patient"]) == 5


def test_a_snapshot_is_exported_and_what_follows_comes_with_since(writable: Hospital) -> None:
    status_url = started(writable, "/$export")
    assert writable.ask("PUT", "/Patient/in1", patient("in1", "Changed")).status == 200
    assert writable.ask("PUT", "/Patient/new", patient("new")).status == 201
    assert writable.ask("DELETE", "/Observation/out1-0").status == 204
    first = ended(writable, status_url).json
    patients = [
        orjson.loads(x)
        for item in first["output"]
        if item["type"] == "Patient"
        for x in lines(writable, item)
    ]
    assert {p["name"][0]["family"] for p in patients} == {"Lefèvre", "Martin", "Lefebvre", "Œuvrard", "Petit"}
    assert max(p["meta"]["lastUpdated"] for p in patients) < first["transactionTime"]
    second = manifest(writable, f"/$export?_since={first['transactionTime']}")
    assert ids({i["type"]: lines(writable, i) for i in second["output"]}) == {"Patient/in1", "Patient/new"}
    (removed,) = second["deleted"]
    (transaction,) = (orjson.loads(line) for line in lines(writable, removed))
    assert removed["type"] == transaction["resourceType"] == "Bundle"
    assert transaction["type"] == "transaction"
    assert [e["request"] for e in transaction["entry"]] == [{"method": "DELETE", "url": "Observation/out1-0"}]


def test_a_view_is_told_of_its_own_deletions_only(writable: Hospital, confined: Hospital) -> None:
    time = manifest(writable, "/$export?_type=Group")["transactionTime"]
    for id_ in ("out1-0", "in1-0"):
        writable.ask("DELETE", f"/Observation/{id_}")
    (removed,) = manifest(confined, f"/$export?_since={time}")["deleted"]
    (transaction,) = (orjson.loads(line) for line in lines(confined, removed))
    assert [e["request"]["url"] for e in transaction["entry"]] == ["Observation/in1-0"]


@pytest.mark.parametrize(
    ("url", "headers", "status"),
    [
        ("/$export", {}, 400),
        ("/$export", {"prefer": "return=minimal"}, 400),
        ("/$export?_outputFormat=text/csv", RESPOND_ASYNC, 400),
        ("/$export?_elements=id", RESPOND_ASYNC, 400),
        ("/$export?_since=yesterday", RESPOND_ASYNC, 400),
        ("/$export?_type=Unicorn", RESPOND_ASYNC, 400),
        ("/Patient/$export?_type=Organization", RESPOND_ASYNC, 400),
        ("/$export?_type=Patient&_typeFilter=Observation%3Fcode%3Dx", RESPOND_ASYNC, 400),
        ("/$export?_typeFilter=Patient", RESPOND_ASYNC, 400),
        ("/$export?_typeFilter=Patient%3F_include%3DPatient%3Aorganization", RESPOND_ASYNC, 400),
        ("/$export?_typeFilter=Patient%3Fnothing%3Dx", RESPOND_ASYNC, 400),
        ("/$export", {**RESPOND_ASYNC, "accept": "application/fhir+xml"}, 406),
        ("/Observation/$export", RESPOND_ASYNC, 404),
        ("/Patient/in1/$export", RESPOND_ASYNC, 404),
        ("/$export-status/never-existed", {}, 404),
        ("/$export-file/never-existed/0", {}, 404),
    ],
)
def test_what_cannot_be_done_is_refused(
    everything: Hospital, url: str, headers: dict[str, str], status: int
) -> None:
    answer = everything.get(url, **headers)
    assert (answer.status, answer.json["resourceType"]) == (status, "OperationOutcome")


def test_a_lenient_client_gets_the_rest(everything: Hospital) -> None:
    prefer = "respond-async, handling=lenient"
    assert exported(everything, "/$export?_elements=id&_type=Group", prefer=prefer).keys() == {"Group"}


def test_parameters_may_come_in_a_body(everything: Hospital) -> None:
    given = [
        {"name": "_type", "valueString": "Group"},
        {"name": "_since", "valueInstant": "2020-01-01T00:00:00Z"},
    ]
    body = {"resourceType": "Parameters", "parameter": given}
    answer = everything.ask("POST", "/$export", body, **RESPOND_ASYNC)
    assert answer.status == 202
    (item,) = ended(everything, answer.headers["content-location"]).json["output"]
    assert item["type"] == "Group"


def test_an_export_is_no_entry_of_a_batch(everything: Hospital) -> None:
    entry = {"request": {"method": "GET", "url": "$export"}}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
    (answer,) = everything.ask("POST", "", bundle, **RESPOND_ASYNC).entries
    assert answer["response"]["status"].startswith("400")


def test_nothing_is_left_on_the_disk(tmp_path: Path) -> None:
    left = tmp_path / "h.db-exports" / "old"
    left.mkdir(parents=True)
    backend = EmbeddedBackend(tmp_path / "h.db", page_key=b"p" * 32)
    assert not left.exists()
    backend.load(hospital())
    exported(Hospital(backend), "/$export")
    assert list((tmp_path / "h.db-exports").rglob("*.ndjson"))
    backend.close()
    assert [path.name for path in tmp_path.iterdir()] == ["h.db"]


def test_a_real_server_streams_the_files(http: httpx.Client, address: str) -> None:
    status_url = http.get("/$export?_type=Patient", headers=RESPOND_ASYNC).headers["content-location"]
    assert status_url.startswith(f"{address}/$export-status/")
    while (answer := http.get(status_url)).status_code in {202, 429}:
        time.sleep(0.05)
    (item,) = answer.json()["output"]
    given = http.get(item["url"])
    assert given.headers["transfer-encoding"] == "chunked"
    assert given.headers["content-type"] == "application/fhir+ndjson"
    assert len(given.text.splitlines()) == item["count"] == 5
    assert http.head(item["url"]).content == b""
    assert http.delete(status_url).status_code == 202
    assert http.get(item["url"]).status_code == 404

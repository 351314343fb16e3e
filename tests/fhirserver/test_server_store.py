"""What is stored stays: loading, time, restarts, and a process killed while it writes."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from server_hospital import Hospital, StoreAt, hospital, observation, patient

from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.storage.connection import StoreError
from lab.fhirserver.storage.times import instant, interval

pytestmark = pytest.mark.both_stores

WRITER = """
import asyncio, json, sys
from pathlib import Path
from lab.fhir.request import parse
from lab.fhir.view import EVERYTHING
from lab.fhirserver.backend import EmbeddedBackend

backend = EmbeddedBackend(sys.argv[1], page_key=b"p" * 32)
headers = {"content-type": "application/fhir+json"}
for n in range(100_000):
    body = json.dumps({"resourceType": "Patient", "name": [{"family": f"N{n}"}]}).encode()
    request = parse("POST", "Patient", "", headers, body, base_url="http://hospital.test/fhir")
    answer = asyncio.run(backend.answer(request, EVERYTHING))
    print(json.loads(answer.body)["id"], flush=True)
"""


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path, store_at: StoreAt) -> None:
    path = store_at(tmp_path / "killed.db")
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    acknowledged = [writer.stdout.readline().strip() for _ in range(25)]
    os.kill(writer.pid, signal.SIGKILL)
    acknowledged += [line.strip() for line in writer.stdout if line.endswith("\n")]
    writer.stdout.close()
    assert writer.wait(timeout=10) == -signal.SIGKILL
    reopened = Hospital(EmbeddedBackend(path, page_key=b"p" * 32))
    assert all(reopened.get(f"/Patient/{id_}").status == 200 for id_ in acknowledged)
    stored = {e["resource"]["id"] for e in reopened.get("/Patient?family=N&_count=1000").entries}
    assert set(acknowledged) <= stored
    assert len(stored) - len(acknowledged) <= 1
    reopened.backend.close()


def test_a_restart_keeps_everything_page_links_too(tmp_path: Path, store_at: StoreAt) -> None:
    path = store_at(tmp_path / "kept.db")
    first = Hospital(EmbeddedBackend(path, page_key=b"p" * 32))
    first.backend.load(hospital())
    first.ask("PUT", "/Patient/in1", patient("in1", "Après"))
    page, history = first.get("/Patient?_count=2"), first.get("/Patient/in1/_history").body
    first.backend.close()
    second = Hospital(EmbeddedBackend(path, page_key=b"p" * 32))
    assert second.get("/Patient?_count=2").body == page.body
    assert second.get(page.link("next") or "").status == 200
    assert second.get("/Patient/in1/_history").body == history
    assert second.ids("/Patient?family=apres") == ["in1"]
    second.backend.close()


def test_a_load_is_all_or_none(tmp_path: Path, store_at: StoreAt) -> None:
    backend = EmbeddedBackend(store_at(tmp_path / "l.db"), page_key=b"p" * 32)
    asked = Hospital(backend)
    with pytest.raises(ValueError, match="already stored"):
        backend.load([patient("a"), patient("a")])
    with pytest.raises(ValueError, match="served type"):
        backend.load([patient("a"), {"resourceType": "Unicorn", "id": "u"}])
    assert asked.ids("/Patient") == []
    assert backend.load([patient("a", "Premier")]) == 1
    assert backend.load([patient("b", "Second")]) == 1
    assert asked.ids("/Patient?family=Premier,Second") == ["a", "b"]
    assert asked.get("/Patient/a").json["meta"]["versionId"] == "1"
    backend.close()


def test_time_always_goes_forward(tmp_path: Path, store_at: StoreAt) -> None:
    still = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    backend = EmbeddedBackend(store_at(tmp_path / "t.db"), page_key=b"p" * 32, clock=lambda: still)
    asked = Hospital(backend)
    stamps = [
        asked.ask("PUT", "/Patient/a", patient("a", f"N{n}")).json["meta"]["lastUpdated"] for n in range(3)
    ]
    assert stamps == [f"2026-11-22T08:00:00.00{n}Z" for n in range(3)]
    backend.close()


def test_the_index_follows_the_search_parameters(tmp_path: Path) -> None:
    path = tmp_path / "i.db"
    backend = EmbeddedBackend(path, page_key=b"p" * 32)
    backend.load(hospital())
    backend.close()
    with sqlite3.connect(path) as connection:
        connection.execute("update meta set value = 'older' where name = 'fingerprint'")
        connection.execute("delete from value")
    connection.close()
    reopened = Hospital(EmbeddedBackend(path, page_key=b"p" * 32))
    assert reopened.ids("/Patient?family=Lef") == ["in1", "out1"]
    reopened.backend.close()


@pytest.mark.parametrize(
    "statement", ["update meta set value = '0' where name = 'version'", "drop table meta"]
)
def test_a_store_of_another_version_is_refused(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "o.db"
    EmbeddedBackend(path, page_key=b"p" * 32).close()
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()
    with pytest.raises(StoreError, match="load the hospital again"):
        EmbeddedBackend(path, page_key=b"p" * 32)


def test_a_short_page_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        EmbeddedBackend(tmp_path / "k.db", page_key=b"short")


def test_a_failure_of_ours_says_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    asked = Hospital(EmbeddedBackend(tmp_path / "closed.db", page_key=b"p" * 32))
    asked.backend.close()
    answer = asked.get("/Patient/in1")
    assert (answer.status, answer.diagnostics) == (500, "The server failed to answer.")
    assert "sqlite3" in caplog.text


def test_a_request_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    backend = EmbeddedBackend(tmp_path / "slow.db", page_key=b"p" * 32, limit_s=0.0)
    backend.load(observation(f"o{n}", "p") for n in range(4000))
    asked = Hospital(backend)
    assert asked.get("/Observation?value-string:contains=x&_total=accurate").status == 503
    assert asked.get("/Observation/o1").status == 200
    backend.close()


def test_twenty_creations_with_one_condition_leave_one(writable: Hospital) -> None:
    new = patient("x", identifier=[{"system": "urn:race", "value": "1"}])
    answers = [
        writable.ask("POST", "/Patient", new, if_none_exist="identifier=urn:race|1") for _ in range(20)
    ]
    assert sorted(a.status for a in answers) == [200] * 19 + [201]
    assert len({a.json["id"] for a in answers}) == 1


def test_bytes_are_served_as_stored(writable: Hospital) -> None:
    body = observation("x", "in1", note=[{"text": "é 😀"}])
    created = writable.ask("POST", "/Observation", body)
    read = writable.get(f"/Observation/{created.json['id']}")
    found = writable.get(f"/Observation?_id={created.json['id']}")
    assert created.body == read.body
    assert read.body in found.body
    assert json.loads(read.body)["note"] == body["note"]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2026", "2025-12-31T23:00:00.000Z", "2026-12-31T23:00:00.000Z"),
        ("2026-12", "2026-11-30T23:00:00.000Z", "2026-12-31T23:00:00.000Z"),
        ("2026-03-29", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"),
        ("2026-10-25", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"),
        ("2026-07-01T10:00", "2026-07-01T08:00:00.000Z", "2026-07-01T08:01:00.000Z"),
        ("2026-07-01T10:00:30Z", "2026-07-01T10:00:30.000Z", "2026-07-01T10:00:31.000Z"),
        ("2026-07-01T10:00:30.5-05:00", "2026-07-01T15:00:30.500Z", "2026-07-01T15:00:30.600Z"),
        ("2026-07-01T10:00:30.1234567Z", "2026-07-01T10:00:30.123Z", "2026-07-01T10:00:30.124Z"),
        ("1899-12-31", "1899-12-30T23:50:39.000Z", "1899-12-31T23:50:39.000Z"),
    ],
)
def test_a_date_is_as_wide_as_its_precision(text: str, low: str, high: str) -> None:
    assert tuple(instant(bound) for bound in interval(text)) == (low, high)


@pytest.mark.parametrize(
    "text", ["", "26", "2026-13", "2026-02-30", "2026-01-01T25:00:00Z", "2026-1-1", "now", "0000"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        interval(text)


def test_the_ends_of_the_calendar_are_dates() -> None:
    assert (
        interval("9999-12-31")[1]
        > interval("9999-12-31")[0]
        > interval("0001-01-01")[1]
        > interval("0001")[0]
    )

"""The index holds each event of the trail once, whatever happens between, and the hospital searches it."""

import json
import sqlite3
import time
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from audit_hospital import CLIENTS, caller, details, seen
from audit_hospital import Trail as Files

from lab.audit.decided import Caller, Decided
from lab.audit.event import audit_event
from lab.audit.index import Index
from lab.audit.trail import Trail
from lab.journal.redact import Redactor
from lab.model.exchange import Decision
from lab.sandbox.plan import SandboxPlan
from lab.sandbox.stack import sandbox

NOW = datetime(2026, 11, 30, tzinfo=UTC)
CALLER = Caller("127.0.0.1", "app", "TREAT", "p1", "v1")


def event(trail, patient="a"):
    decided = Decided(None, Decision(5, allow=True, rule="r", reason="x"), 200, seen=(patient,))
    return audit_event(CALLER, decided, trail.new_id(), NOW, Redactor(bytes(32)))


def ids(store):
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        return sorted(row[0] for row in connection.execute("select id from resource"))


def written(folder):
    lines = (line for file in folder.glob("*.ndjson") for line in file.read_bytes().splitlines())
    return sorted(json.loads(line)["id"] for line in lines if line.startswith(b'{"resourceType"'))


@pytest.fixture
def places(tmp_path):
    return tmp_path / "audit", tmp_path / "audit.db"


def caught_up(folder, store):
    index = Index(store)
    try:
        while index.catch_up(folder):
            pass
    finally:
        index.close()


def test_a_crash_between_append_and_index_loses_and_doubles_nothing(places, monkeypatch):
    folder, store = places
    trail = Trail(folder)
    trail.write([event(trail) for _ in range(30)])
    caught_up(folder, store)
    trail.write([event(trail) for _ in range(30)])
    index = Index(store)
    calls = iter(range(20))
    describe = index._store.describe  # noqa: SLF001 - the place to fall at

    def falling(*arguments):
        if next(calls) == 19:
            raise KeyboardInterrupt
        describe(*arguments)

    monkeypatch.setattr(index._store, "describe", falling)  # noqa: SLF001
    with pytest.raises(KeyboardInterrupt):
        index.catch_up(folder)
    index.close()
    assert len(ids(store)) == 30
    caught_up(folder, store)
    caught_up(folder, store)
    trail.close()
    assert ids(store) == written(folder)
    assert len(ids(store)) == 60


def test_a_lost_index_is_made_again(places):
    folder, store = places
    trail = Trail(folder)
    trail.write([event(trail) for _ in range(5)])
    caught_up(folder, store)
    for file in store.parent.glob("audit.db*"):
        file.unlink()
    caught_up(folder, store)
    trail.close()
    assert ids(store) == written(folder)


def test_a_line_that_is_being_written_waits_and_a_cut_one_is_left(places):
    folder, store = places
    trail = Trail(folder)
    whole = event(trail)
    trail.write([whole])
    with trail.path.open("ab") as file:
        file.write(whole[:100])
    caught_up(folder, store)
    assert len(ids(store)) == 1
    trail.close()
    trail = Trail(folder)  # as after a crash: the cut line is ended
    trail.write([event(trail)])
    caught_up(folder, store)
    trail.close()
    assert len(ids(store)) == 2


def test_events_longer_than_a_piece_are_taken_whole(places):
    folder, store = places
    trail = Trail(folder)
    many = tuple(f"p{n}" for n in range(5000))
    decided = Decided(None, None, 200, seen=many)
    trail.write([audit_event(CALLER, decided, trail.new_id(), NOW, Redactor(bytes(32))), event(trail)])
    assert trail.path.stat().st_size > 500_000
    caught_up(folder, store)
    trail.close()
    assert ids(store) == written(folder)


@pytest.fixture
def search(audited):
    """Search the audit on the hospital's port."""
    addresses, _, _ = audited
    headers = {"Authorization": f"Bearer {addresses.backend_key}"}
    with httpx.Client(trust_env=False, headers=headers) as http:

        def run(**parameters):
            answer = http.get(f"{addresses.audit_url}/AuditEvent", params={"_count": 500, **parameters})
            assert answer.status_code == 200, answer.text
            return [entry["resource"] for entry in answer.json().get("entry", [])]

        yield run


def soon(search, wanted, **parameters):
    """Search until the event is there: within a second, and some more on a busy machine."""
    deadline = time.monotonic() + 20
    while True:
        found = search(**parameters)
        if wanted in {one["id"] for one in found}:
            return found
        assert time.monotonic() < deadline, "the event never came"


def test_the_hospital_searches_by_the_standard_parameters(search, callers, trail, inside, outside):
    _, (read,) = trail.of(lambda: callers["masked"].get(f"Patient/{inside}"))
    _, (refused,) = trail.of(lambda: callers["masked"].get(f"Patient/{outside}"))
    soon(search, refused["id"], _id=refused["id"])
    found = search(patient=f"Patient/{inside}", agent="Device/masked", outcome="0")
    assert read["id"] in {one["id"] for one in found}
    assert all(f"Patient/{inside}" in seen(one) for one in found if details(one).get("level") == "5")
    assert refused["id"] not in {one["id"] for one in search(patient=f"Patient/{inside}")}
    for parameters in (
        {"entity": f"Patient/{outside}", "outcome": "4"},
        {"agent:identifier": "https://lab.chu-toulouse.fr/client|masked", "outcome": "4"},
        {"address": "127.0.0.1", "action": "R", "date": f"ge{refused['recorded'][:10]}"},
        {"policy": "https://lab.chu-toulouse.fr/permission/masked-permission", "subtype": "read"},
    ):
        assert refused["id"] in {one["id"] for one in search(**parameters)}, parameters


def test_the_index_holds_the_whole_trail_once(search, callers, trail):
    _, (last,) = trail.of(lambda: callers["full"].get("Patient?_count=1"))
    soon(search, last["id"], _id=last["id"])
    held = [one["id"] for one in search(_sort="date", _count="1000")]
    assert len(held) == len(set(held))
    assert set(held) <= {one["id"] for one in trail.events()}


def test_no_application_reaches_the_audit(audited, callers):
    addresses, _, _ = audited
    full = callers["full"]
    url = f"{addresses.audit_url}/AuditEvent"
    assert full.http.get(url).status_code == 401
    assert full.http.get(url, headers={"Authorization": f"Bearer {full.token}"}).status_code == 401
    assert full.get("AuditEvent").status_code == 403
    gateway = addresses.fhir_base_url.removesuffix("/fhir")
    answer = full.http.get(f"{gateway}/audit/AuditEvent", headers={"Authorization": f"Bearer {full.token}"})
    assert answer.status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_audit_is_never_written(audited, method, callers, trail):
    addresses, _, _ = audited
    headers = {"Authorization": f"Bearer {addresses.backend_key}"}
    url = f"{addresses.audit_url}/AuditEvent/{trail.events()[0]['id']}"
    answer = callers["full"].http.request(method, url, headers=headers, json={"resourceType": "AuditEvent"})
    assert answer.status_code == 405
    answer = callers["full"].http.post(addresses.audit_url, headers=headers, json={"resourceType": "Bundle"})
    assert answer.status_code == 405


def test_several_processes_are_one_audit(tmp_path):
    plan = SandboxPlan(
        seed=11,
        patients=20,
        journal=str(tmp_path / "hospital.jsonl"),
        store=str(tmp_path / "hospital.db"),
        redaction_key="11" * 32,
        laboratory_secret="-",  # noqa: S106 - marks nothing here
        clients=CLIENTS,
        workers=2,
        state=str(tmp_path / "state.db"),
    )
    with sandbox(plan, tmp_path / "sandbox.log") as running, httpx.Client(trust_env=False) as http:
        addresses, trail = running.addresses, Files(tmp_path / "audit")
        one = caller(addresses, CLIENTS[0], http)
        answered = 0
        while len(list(trail.folder.glob("*.ndjson"))) < 2 or answered < 20:
            with httpx.Client(transport=httpx.HTTPTransport(verify=False), trust_env=False) as alone:
                assert replace(one, http=alone).get("Patient?_count=1").status_code == 200
            answered += 1
        assert len(trail.events()) == answered + 1  # the login
        headers = {"Authorization": f"Bearer {addresses.backend_key}"}
        url = f"{addresses.audit_url}/AuditEvent?_total=accurate&_count=500"
        deadline = time.monotonic() + 20
        while (found := http.get(url, headers=headers).json()).get("total", 0) < answered + 1:
            assert time.monotonic() < deadline, str(found)[:300]
        assert {e["resource"]["id"] for e in found["entry"]} == {e["id"] for e in trail.events()}

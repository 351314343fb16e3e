"""Several processes serve one store: one sends each event, and what a killed one had to send is sent."""

import os
import signal
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
from server_hospital import Hospital, StoreAt
from subscriber import endpoint, subscription, until
from test_subscription_rest_hook import stay

from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.cluster import Cluster, cluster
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.times import HOSPITAL_ZONE
from lab.fhirserver.subscriptions import outbox

FHIR = {"content-type": "application/fhir+json"}


def client(running: Cluster) -> httpx.Client:
    return httpx.Client(base_url=running.base_url, trust_env=False, timeout=30)


def test_each_event_is_sent_by_one_process_in_order(tmp_path: Path, store_at: StoreAt) -> None:
    with endpoint() as hook, cluster(store_at(tmp_path / "shared.db"), workers=3) as running:
        with client(running) as http:
            made = http.post(
                "/Subscription", json=subscription(hook.url, payload="application/fhir+json"), headers=FHIR
            )
            assert made.json()["status"] == "active"

        def write(n: int) -> int:
            with client(running) as http:
                return http.put(f"/Encounter/e{n % 5}", json=stay(f"e{n % 5}"), headers=FHIR).status_code

        with ThreadPoolExecutor(6) as pool:
            assert set(pool.map(write, range(40))) <= {200, 201}
        got = [(each.json["id"], int(each.json["meta"]["versionId"])) for each in hook.wait(40)]
        assert set(Counter(got).values()) == {1}
        for id_ in {id_ for id_, _ in got}:
            assert [version for of, version in got if of == id_] == list(range(1, 9))
        assert len(hook.received) == 40


def test_a_killed_process_loses_no_event(tmp_path: Path) -> None:
    path = tmp_path / "killed.db"
    with endpoint() as hook:
        hook.delay_s = 4.0
        with cluster(path) as running, client(running) as http:
            http.post(
                "/Subscription", json=subscription(hook.url, payload="application/fhir+json"), headers=FHIR
            )
            for n in range(5):
                assert http.put(f"/Encounter/e{n}", json=stay(f"e{n}"), headers=FHIR).status_code == 201
            hook.wait(1)
            os.kill(running.processes[0].pid, signal.SIGKILL)
        hook.delay_s = 0.0
        with sqlite3.connect(path) as store:
            store.execute("update subscriber set lease = 0")  # as if the time of the claim had passed
        store.close()
        with cluster(path):
            until(lambda: hook.received[-1].path.endswith("/e4"))
        names = [each.path[-2:] for each in hook.received]
        assert names == ["e0", "e0", "e1", "e2", "e3", "e4"]


def test_a_claim_is_one_s_own_for_a_while(tmp_path: Path, store_at: StoreAt) -> None:
    backend = EmbeddedBackend(store_at(tmp_path / "claims.db"), page_key=b"p" * 32)
    backend._server.sender.close()  # noqa: SLF001 - the test is the sender
    hospital = Hospital(backend)
    made = hospital.ask("POST", "Subscription", subscription("http://127.0.0.1:9/hook"))
    hospital.ask("PUT", "Encounter/a", stay("a"))
    store = Store(store_at(tmp_path / "claims.db"), clock=lambda: datetime.now(UTC), zone=HOSPITAL_ZONE)
    first = outbox.claim(store, 1000)
    assert first is not None
    assert (first.id, first.events, first.sent) == (made.json["id"], 1, 0)
    assert outbox.claim(store, 1001) is None
    second = outbox.claim(store, 1000 + outbox.LEASE_MS)
    assert second is not None
    assert outbox.again(store, first, 1, 2000) is None  # too late: it is no longer the first's
    assert store.rows("select sent from subscriber") == [(0,)]
    outbox.failed(store, second, 50_000)
    assert outbox.claim(store, 49_999) is None
    third = outbox.claim(store, 50_000)
    assert third is not None
    assert third.tries == 1
    assert outbox.again(store, third, 1, 60_000) is None
    assert store.rows("select sent, tries from subscriber") == [(1, 0)]
    store.close()
    backend.close()


def test_a_store_of_before_gets_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "before.db"
    EmbeddedBackend(path, page_key=b"p" * 32).close()
    with sqlite3.connect(path) as store:
        store.execute("drop table subscriber")
        store.execute("drop table outbox")
    store.close()
    backend = EmbeddedBackend(path, page_key=b"p" * 32)
    made = Hospital(backend).ask("POST", "Subscription", subscription("http://127.0.0.1:9/hook"))
    assert made.json["status"] == "active"
    backend.close()

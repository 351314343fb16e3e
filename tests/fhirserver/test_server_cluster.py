"""Several processes serve one store: they write in turn, and what one wrote all read."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from server_hospital import StoreAt, hospital, observation, patient

from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.cluster import Cluster, ClusterError, cluster

FHIR = {"content-type": "application/fhir+json"}


def client(running: Cluster) -> httpx.Client:
    headers = {"authorization": f"Bearer {running.key}"} if running.key else {}
    return httpx.Client(base_url=running.base_url, headers=headers, trust_env=False, timeout=30)


def test_workers_write_in_turn_and_lose_nothing(tmp_path: Path, store_at: StoreAt) -> None:
    with cluster(store_at(tmp_path / "shared.db"), workers=3) as running:

        def write(n: int) -> tuple[int, int]:
            with client(running) as http:
                body = observation(f"o{n}", f"p{n % 7}")
                put = http.put(f"/Observation/o{n}", json=body, headers=FHIR)
                update = http.put("/Patient/contended", json=patient("contended", f"F{n}"), headers=FHIR)
                return put.status_code, update.status_code

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(write, range(60)))
        assert {put for put, _ in statuses} == {201}
        assert sorted({update for _, update in statuses}) == [200, 201]
        for _ in range(10):  # whichever process answers
            with client(running) as http:
                found = http.get("/Observation", params={"_total": "accurate", "_count": "0"}).json()
                assert found["total"] == 60
                assert http.get("/Observation", params={"patient": "p3", "_count": "50"}).json()["entry"]
                versions = http.get("/Patient/contended/_history", params={"_count": "100"}).json()
                assert len(versions["entry"]) == 60
        assert running.alive


def test_a_page_of_one_worker_goes_on_at_another(tmp_path: Path, store_at: StoreAt) -> None:
    backend = EmbeddedBackend(store_at(tmp_path / "pages.db"), page_key=b"p" * 32)
    backend.load(hospital())
    backend.close()
    with cluster(store_at(tmp_path / "pages.db"), workers=2, key="") as running:
        ids: list[str] = []
        url = f"{running.base_url}/Observation?_count=2"
        while url:
            with client(running) as http:  # a new connection goes to whoever takes it
                page = http.get(url).json()
            ids += [entry["resource"]["id"] for entry in page["entry"]]
            url = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
        assert len(ids) == len(set(ids)) == 17


def test_what_a_killed_worker_acknowledged_is_there(tmp_path: Path, store_at: StoreAt) -> None:
    with cluster(store_at(tmp_path / "killed.db"), workers=2, key="k" * 32) as running:
        acknowledged: list[str] = []
        with client(running) as http:
            for n in range(40):
                if n == 20:
                    os.kill(running.processes[0].pid, signal.SIGKILL)
                try:
                    answer = http.post("/Patient", json=patient(f"x{n}"), headers=FHIR)
                except httpx.HTTPError:
                    continue
                acknowledged.append(answer.json()["id"])
        assert len(acknowledged) > 30
        with client(running) as http:
            assert all(http.get(f"/Patient/{id_}").status_code == 200 for id_ in acknowledged)
        assert not running.alive


def test_without_the_key_nobody_comes_in(tmp_path: Path, store_at: StoreAt) -> None:
    with cluster(store_at(tmp_path / "closed.db"), key="k" * 32) as running:
        assert httpx.get(f"{running.base_url}/Patient", trust_env=False).status_code == 401


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(ClusterError, match=r"other\.db is not a store"), cluster(tmp_path / "other.db"):
        pass

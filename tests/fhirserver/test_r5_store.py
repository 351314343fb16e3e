"""A store is of one release, which it records: only a server of that release opens it."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.cluster import ClusterError, cluster
from lab.fhirserver.storage.connection import StoreError
from lab.model.release import VERSIONS, Release

KEY = b"p" * 32


@pytest.mark.parametrize("made", VERSIONS)
def test_a_store_is_opened_for_its_own_release_only(tmp_path: Path, made: Release) -> None:
    (asked,) = VERSIONS.keys() - {made}
    path = tmp_path / "h.db"
    EmbeddedBackend(path, page_key=KEY, release=made).close()
    with pytest.raises(StoreError, match=f"holds resources of FHIR {made}.*started for FHIR {asked}"):
        EmbeddedBackend(path, page_key=KEY, release=asked)
    EmbeddedBackend(path, page_key=KEY, release=made).close()


def test_a_store_that_names_no_release_is_of_r4(tmp_path: Path) -> None:
    path = tmp_path / "before.db"
    EmbeddedBackend(path, page_key=KEY).close()
    with sqlite3.connect(path) as connection:
        connection.execute("delete from meta where name = 'release'")
    connection.close()
    with pytest.raises(StoreError, match="holds resources of FHIR R4"):
        EmbeddedBackend(path, page_key=KEY, release="R5")
    EmbeddedBackend(path, page_key=KEY).close()


def test_processes_of_their_own_serve_r5(tmp_path: Path) -> None:
    permission = {"resourceType": "Permission", "id": "p", "status": "active", "combining": "deny-overrides"}
    with cluster(tmp_path / "r5.db", workers=2, release="R5") as running:
        for _ in range(4):  # whichever answers
            with httpx.Client(base_url=running.base_url, trust_env=False, timeout=20) as client:
                assert client.get("/metadata").json()["fhirVersion"] == "5.0.0"
                assert client.put("/Permission/p", json=permission).status_code in {200, 201}
                assert client.get("/Permission?status=active&_summary=count").json()["total"] == 1


def test_a_process_for_another_release_does_not_start(tmp_path: Path) -> None:
    path = tmp_path / "r4.db"
    EmbeddedBackend(path, page_key=KEY).close()
    with pytest.raises(ClusterError, match="start the server for R4"), cluster(path, release="R5"):
        pytest.fail("the server should not start")


PROGRAM = """
import sys
from pathlib import Path
opened = []
sys.addaudithook(lambda event, told: opened.append(str(told[0])) if event == "open" else None)
from lab.fhirserver.backend import EmbeddedBackend
from server_hospital import Hospital, hospital
backend = EmbeddedBackend(Path(sys.argv[1]), page_key=b"p" * 32, release=sys.argv[2])
backend.load(hospital(sys.argv[2]))
assert Hospital(backend).get("/Observation?patient=in1&_include=Observation:encounter").status == 200
assert Hospital(backend).get("/metadata").status == 200
names = {Path(path).name for path in opened if Path(path).parent.name == "data"}
print(" ".join(sorted(name for name in names if name[:3] in {"r4.", "r5."})))
"""


@pytest.mark.parametrize("release", VERSIONS)
def test_a_server_reads_the_definitions_of_its_release_only(tmp_path: Path, release: Release) -> None:
    run = [sys.executable, "-c", PROGRAM, str(tmp_path / "h.db"), release]
    told = subprocess.run(
        run, capture_output=True, text=True, check=True, timeout=120, cwd=Path(__file__).parent
    )
    names = told.stdout.split()
    assert f"{release.lower()}.search-parameters.json.gz" in names
    assert {name.partition(".")[0] for name in names} == {release.lower()}

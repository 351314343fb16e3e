"""A store is of one release, which it records: only a server of that release opens it."""

import sqlite3
from pathlib import Path

import httpx
import pytest

from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.cluster import ClusterError, cluster
from lab.fhirserver.storage.layout import StoreError
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

"""A disk that is full, a file that is locked or damaged: the right status, nothing lost, nothing told."""

import sqlite3
from pathlib import Path

from server_hospital import Hospital, hospital, patient

from lab.fhirserver.backend import EmbeddedBackend


def opened(path: Path) -> Hospital:
    return Hospital(EmbeddedBackend(path, page_key=b"p" * 32))


def test_a_full_disk_refuses_a_write_and_keeps_all(tmp_path: Path) -> None:
    asked = opened(tmp_path / "full.db")
    asked.backend.load(hospital())
    asked.backend._server.store.rows("pragma max_page_count = 1")  # noqa: SLF001 - what no client can do
    wide = patient("wide", identifier=[{"system": "urn:x", "value": f"{n}" * 50} for n in range(1000)])
    answers = [asked.ask("PUT", f"/Patient/wide{n}", wide | {"id": f"wide{n}"}) for n in range(9)]
    assert 507 in {answer.status for answer in answers}
    refused = next(answer for answer in answers if answer.status == 507)
    assert refused.json["issue"][0]["code"] == "no-store"
    assert asked.get("/Patient/in1").status == 200
    asked.backend._server.store.rows("pragma max_page_count = 1000000")  # noqa: SLF001
    assert asked.ask("PUT", "/Patient/after", patient("after")).status == 201
    asked.backend.close()


def test_a_locked_store_says_to_come_again(tmp_path: Path) -> None:
    asked = opened(tmp_path / "locked.db")
    asked.backend.load(hospital())
    asked.backend._server.store.rows("pragma busy_timeout = 20")  # noqa: SLF001 - not to wait five seconds
    other = sqlite3.connect(tmp_path / "locked.db", isolation_level=None)
    other.execute("begin immediate")
    refused = asked.ask("PUT", "/Patient/late", patient("late"))
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert asked.get("/Patient/in1").status == 200
    other.execute("rollback")
    other.close()
    assert asked.ask("PUT", "/Patient/late", patient("late")).status == 201
    asked.backend.close()


def test_a_damaged_store_is_said_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    asked = opened(path)
    asked.backend.load(hospital())
    asked.backend.close()
    content = bytearray(path.read_bytes())
    resource_page = content.index(b"tie\x01") // 8192
    content[resource_page * 8192 : resource_page * 8192 + 64] = b"\xff" * 64
    path.write_bytes(content)
    damaged = opened(path)
    answers = [damaged.get("/Observation?_count=100"), damaged.get("/Patient/in1")]
    failed = [answer for answer in answers if answer.status != 200]
    assert failed
    for answer in failed:
        assert (answer.status, "damaged" in answer.diagnostics) == (500, True)
        assert b"ins-" not in answer.body
    damaged.backend.close()

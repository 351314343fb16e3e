"""What only a store in PostgreSQL has: other machines, a server that is away, and an extra to install."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from postgresql_server import store_url
from server_hospital import Hospital, hospital, observation, patient

from lab.fhir.request import parse
from lab.fhir.view import EVERYTHING
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.dispatch import perform
from lab.fhirserver.storage.address import address_of
from lab.fhirserver.storage.bulk import build
from lab.fhirserver.storage.connection import StoreError
from lab.fhirserver.storage.postgresql_sql import stated
from lab.fhirserver.storage_failure import is_too_deep, storage_failure

psycopg = pytest.importorskip("psycopg", reason="the extra postgresql is not installed")


@pytest.fixture
def url(database: str, tmp_path: Path) -> str:
    """An empty store."""
    return store_url(database, str(tmp_path))


def opened(url: str, **more: Any) -> Hospital:
    return Hospital(EmbeddedBackend(url, page_key=None, **more))


@contextmanager
def session(url: str) -> Iterator[Any]:
    """Another program that uses the database."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(
    ("written", "said", "writes"),
    [
        ("select k from resource where id = ?", "select k from resource where id = $1", False),
        ("update meta set value = ?2 where name = ?1", "update meta set value = $2 where name = $1", True),
        (
            "select 1 from value v indexed by value_low where v.k = ?",
            "select 1 from value v where v.k = $1",
            False,
        ),
        (
            "select 1 where k in (select value from json_each(?)) and n = ?",
            "select 1 where k in (select json_array_elements_text($1::json)::bigint) and n = $2",
            False,
        ),
        (
            "\n insert into token_set(content) values (?)",
            "\n insert into token_set(content) values ($1)",
            True,
        ),
    ],
)
def test_sql_is_said_in_the_words_of_postgresql(written: str, said: str, *, writes: bool) -> None:
    assert stated(written) == (said, writes)


def test_without_its_client_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "lab.fhirserver.storage.postgresql", raising=False)
    with pytest.raises(StoreError, match=r"pip install 'fhir-integration-lab\[postgresql\]'"):
        address_of("postgresql://nobody@/nothing")


def test_a_database_that_is_away_is_said_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="check the URL and the server") as refused:
        opened(f"postgresql://lab:secret@/hospital?host={tmp_path}")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "statement", ["update meta set value = '0' where name = 'version'", "drop table meta"]
)
def test_a_store_of_another_version_is_refused(url: str, statement: str) -> None:
    opened(url).backend.close()
    with session(url) as other:
        other.execute(statement)
    with pytest.raises(StoreError, match="load the hospital again"):
        opened(url)


def test_machines_see_what_each_other_wrote_at_once(url: str) -> None:
    first, second = opened(url), opened(url)
    first.backend.load(hospital())
    assert second.ids("/Observation?code=new") == []
    for n, (writer, reader) in enumerate([(first, second), (second, first)], start=1):
        assert writer.ask("PUT", f"/Observation/n{n}", observation(f"n{n}", "in1", "new")).status == 201
        assert len(reader.ids("/Observation?code=new")) == n
    page = first.get("/Patient?_count=2")
    assert second.get(page.link("next") or "").status == 200  # the key of page links is in the store
    first.backend.close()
    second.backend.close()


def test_machines_know_each_other_s_addresses(url: str) -> None:
    bases = ("http://one.test/fhir", "http://two.test/fhir")
    machines = [opened(url) for _ in bases]
    for n, (machine, base) in enumerate(zip(machines, bases, strict=True)):
        assert _put(machine, base, patient(f"p{n}")) == 201
    pointing = observation("o", "p0") | {"subject": {"reference": f"{bases[1]}/Patient/p1"}}
    assert _put(machines[0], bases[0], pointing) == 201
    assert machines[1].ids("/Observation?subject=Patient/p1") == ["o"]
    for machine in machines:
        machine.backend.close()


def _put(machine: Hospital, base: str, resource: dict[str, Any]) -> int:
    headers = {"content-type": "application/fhir+json"}
    path = f"{resource['resourceType']}/{resource['id']}"
    request = parse("PUT", path, "", headers, json.dumps(resource).encode(), base_url=base)
    return perform(machine.backend._server, request, EVERYTHING).status  # noqa: SLF001


def test_who_waits_too_long_for_the_writer_is_told_to_come_again(url: str) -> None:
    asked = opened(url)
    asked.backend.load(hospital())
    store = asked.backend._server.store  # noqa: SLF001 - not to wait five seconds
    store.rows("set lock_timeout = '20ms'")
    with session(url) as other, other.transaction():
        other.execute("select pg_advisory_xact_lock(1818321766, hashtext(current_schema()))")
        refused = asked.ask("PUT", "/Patient/late", patient("late"))
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert asked.get("/Patient/in1").status == 200
    assert asked.ask("PUT", "/Patient/late", patient("late")).status == 201
    asked.backend.close()


def test_a_statement_that_takes_too_long_is_given_up(url: str) -> None:
    asked = opened(url, reading_limit_s=0.2)
    asked.backend.load(hospital())
    with session(url) as other, other.transaction():
        other.execute("lock table resource")
        assert "takes too long" in asked.get("/Patient/in1").diagnostics
    assert asked.get("/Patient/in1").status == 200
    asked.backend.close()


def test_a_lost_connection_loses_one_request_and_nothing_acknowledged(url: str) -> None:
    asked = opened(url)
    asked.backend.load(hospital())
    assert asked.ask("PUT", "/Patient/kept", patient("kept")).status == 201
    with session(url) as other:
        other.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lab'")
    refused = asked.ask("PUT", "/Patient/lost", patient("lost"))
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert asked.get("/Patient/kept").status == 200
    assert asked.get("/Patient/lost").status == 404
    assert asked.ask("PUT", "/Patient/lost", patient("lost")).status == 201
    asked.backend.close()


def test_a_bulk_load_fills_an_empty_database_only(url: str) -> None:
    asked = opened(url)
    asked.backend.load(hospital())
    asked.backend.close()
    with pytest.raises(StoreError, match="holds resources already"):
        build(url, [])


def test_an_export_without_a_folder_is_refused(url: str) -> None:
    asked = opened(url)
    answer = asked.get("/$export", prefer="respond-async", accept="application/fhir+json")
    assert (answer.status, "its operator must name one" in answer.diagnostics) == (501, True)
    asked.backend.close()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("LockNotAvailable", 503),
        ("DeadlockDetected", 503),
        ("AdminShutdown", 503),
        ("DiskFull", 507),
        ("DataCorrupted", 500),
    ],
)
def test_failures_of_the_database_have_their_status(error: str, status: int) -> None:
    answer = storage_failure(getattr(psycopg.errors, error)())
    assert answer is not None
    assert answer.status == status


def test_other_failures_are_not_explained() -> None:
    assert storage_failure(psycopg.errors.UndefinedTable()) is None
    assert is_too_deep(psycopg.errors.StatementTooComplex())
    assert not is_too_deep(psycopg.errors.UndefinedTable())

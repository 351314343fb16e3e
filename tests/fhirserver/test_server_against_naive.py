"""Random searches of random hospitals: the server finds what the slow and obvious evaluator finds.

``LAB_SEARCH_EXAMPLES=3000 pytest tests/fhirserver/test_server_against_naive.py`` runs long, each time on
other examples.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive.queries import Query, search, url, variants
from naive.resources import as_r5, hospitals
from server_hospital import Hospital, StoreAt

from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.storage.address import Place, is_database
from lab.model.release import Release
from lab.proof.reference.search import evaluator
from lab.proof.reference.search.values import RefusedError

pytestmark = pytest.mark.both_stores

EXAMPLES = int(os.environ.get("LAB_SEARCH_EXAMPLES", "0"))
SEARCHES = 60
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MILLISECONDS = int(NOW.timestamp() * 1000)


def expected(
    hospital: list[dict[str, Any]], type_: str, query: Query, release: Release = "R4"
) -> list[str] | None:
    """Return the ids in order, None when the search is to be refused."""
    loaded = "2026-05-01T12:00:00.001Z"  # one millisecond after the write before
    stored = [{**r, "meta": {**r.get("meta", {}), "lastUpdated": loaded}} for r in hospital]
    try:
        return sorted(evaluator.Hospital(stored, MILLISECONDS, release).search(type_, query))
    except RefusedError:
        return None


def server_of(place: Place, hospital: list[dict[str, Any]], release: Release) -> EmbeddedBackend:
    """Return a server that knows its address, which a first write tells, and holds a hospital."""
    backend = EmbeddedBackend(place, page_key=b"p" * 32, clock=lambda: NOW, release=release)
    schedule = {"resourceType": "Schedule", "id": "x", "actor": [{"display": "x"}]}
    assert Hospital(backend).ask("PUT", "/Schedule/x", schedule).status == 201
    backend.load(hospital)
    return backend


def searching(hospital: list[dict[str, Any]], seed: int) -> Random:
    """Return what draws the searches: Hypothesis alone would often draw the same seed."""
    return Random(f"{seed} {hospital}")  # noqa: S311 - queries, not secrets


def test_the_server_finds_what_the_naive_evaluator_finds(store_at: StoreAt) -> None:
    assert compared(store_at, "R4", 90) > 0


def test_so_does_a_server_of_r5(store_at: StoreAt) -> None:
    assert compared(store_at, "R5", 40) > 0


def compared(store_at: StoreAt, release: Release, most: int) -> int:
    """Draw hospitals, few for a database, where each is a schema to make; count the searches that agreed."""
    agreed = 0

    @settings(
        max_examples=EXAMPLES or (4 if is_database(store_at(Path(":memory:"))) else most),
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(hospitals(), st.integers(0, 2**32))
    def finds_the_same(hospital: list[dict[str, Any]], seed: int) -> None:
        nonlocal agreed
        of_release = [as_r5(resource) for resource in hospital] if release == "R5" else hospital
        agreed += compare(store_at(Path(":memory:")), of_release, seed, release)

    finds_the_same()
    return agreed


def compare(place: Place, hospital: list[dict[str, Any]], seed: int, release: Release) -> int:
    """Ask the server and the evaluator the same searches; return how many there were."""
    agreed = 0
    chance = searching(hospital, seed)
    backend = server_of(place, hospital, release)
    try:
        for type_, query in (search(chance, hospital, release) for _ in range(SEARCHES)):
            for asked in variants(type_, query, release):
                answer = Hospital(backend).get(url(type_, asked), prefer="handling=strict")
                if b'"too-costly"' in answer.body:
                    continue  # a long chain: a server may refuse that
                found = sorted(answer.ids()) if answer.status == 200 else None
                assert answer.status in {200, 400}, answer.body
                wanted = expected(hospital, type_, asked, release)
                assert found == wanted, (url(type_, asked), answer.body[:300])
                agreed += 1
    finally:
        backend.close()
    return agreed

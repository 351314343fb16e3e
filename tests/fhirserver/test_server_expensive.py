"""A request that would go through the whole hospital is refused, or cut to a size that others do not feel."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server_hospital import Hospital, StoreAt, group, member, observation, patient

from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.search.includes import MAX_INCLUDED
from lab.fhirserver.search.reading import MAX_COUNT

SIZE = 12_000


def large() -> Iterator[dict[str, Any]]:
    """One patient with far more observations than a page, each the member of the next."""
    yield patient("one")
    for n in range(SIZE):
        yield observation(
            f"o{n}",
            "one",
            f"c{n % 7}",
            effectiveDateTime=f"2026-{n % 12 + 1:02d}-{n % 28 + 1:02d}",
            hasMember=[{"reference": f"Observation/o{(n + 1) % SIZE}"}],
        )
    yield group("everyone", member("one"))


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory, store_at: StoreAt) -> Iterator[Hospital]:
    # What is counted below is work, not time: a machine that is busy elsewhere must not refuse.
    path = tmp_path_factory.mktemp("large") / "l.db"
    backend = EmbeddedBackend(store_at(path), page_key=b"p" * 32, limit_s=60, reading_limit_s=60)
    backend.load(large())
    yield Hospital(backend)
    backend.close()


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("/Observation?_count=1000000000", 400),
        (f"/Observation?_count={MAX_COUNT * 1000}", 200),
        ("/Observation?" + ".".join(["has-member"] * 50) + ".code=x", 400),
        ("/Patient?_has:Observation:patient:" + "_has:Observation:has-member:" * 30 + "code=x", 400),
        ("/Observation?_id=" + ",".join(f"o{n}" for n in range(10_000)), 400),
        ("/Observation?code=" + ",".join(f"c{n}" for n in range(10_000)), 400),
        ("/Observation?_id=" + "a" * 1_000_000, 200),
        ("/Patient?_revinclude=Observation:patient", 400),
        ("/Patient?_revinclude:iterate=Observation:has-member&_revinclude=Observation:patient", 400),
        ("/Observation?_count=1000&_include:iterate=Observation:has-member", 200),
        ("/Observation?_include=*", 400),
        ("/Observation?code:not=c1&status:not=x&value-string:contains=zzz", 200),
        ("/Observation?code:text=nothing", 200),
        ("/Observation?_sort=status,code,-date", 200),
        ("/?_type=Observation,Patient", 200),
    ],
)
def test_what_is_expensive_is_refused_or_bounded(hospital: Hospital, asked: str, status: int) -> None:
    began = time.process_time()
    answer = hospital.get(asked)
    assert answer.status == status, answer.body[:300]
    assert time.process_time() - began < 5  # a safety net: most take a few milliseconds
    if status == 200:
        assert len(answer.entries) <= MAX_COUNT + MAX_INCLUDED
    else:
        assert answer.diagnostics.endswith(".")


def test_ranking_too_many_is_refused(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.fhirserver.search.ranking.MOST", 1000)
    refused = hospital.get("/Observation?_sort=status")
    assert (refused.status, refused.json["issue"][0]["code"]) == (400, "too-costly")
    assert hospital.get("/Observation?_sort=status&_id=o1,o2").status == 200


def test_a_read_is_given_up_sooner_than_a_write(tmp_path: Path, store_at: StoreAt) -> None:
    asked = Hospital(
        EmbeddedBackend(store_at(tmp_path / "s.db"), page_key=b"p" * 32, limit_s=60, reading_limit_s=0)
    )
    asked.backend.load(large())
    assert asked.get("/Observation?value-string:contains=x&_total=accurate").status == 503
    assert asked.ask("PUT", "/Observation/new", observation("new", "one")).status == 201
    asked.backend.close()

"""Two hospitals that differ in hidden data only give a confined client the same bytes, by any operation."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from exporting import lines, manifest
from server_hospital import COHORT, OUTSIDE, Hospital, StoreAt, hospital, observation, patient

from lab.fhirserver.backend import EmbeddedBackend

WORLDS = ("as it is", "others changed", "others gone", "others many")


def world(name: str) -> Iterator[dict[str, Any]]:
    """Yield the hospital with others outside of the cohort."""
    for resource in hospital():
        hidden = (
            resource["id"] in OUTSIDE or resource["id"].removeprefix("stay-").partition("-")[0] in OUTSIDE
        )
        if name == "others changed" and hidden and resource["resourceType"] == "Observation":
            yield {**resource, "code": {"text": "other"}, "effectiveDateTime": "2030-01-01"}
        elif not hidden or name != "others gone":
            yield resource
    if name == "others many":
        yield from (patient(f"more-{n}") for n in range(30))
        yield from (observation(f"more-{n}", f"more-{n}") for n in range(30))
        yield observation("tied", "in1", performer=[{"reference": "Patient/more-1"}])


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, store_at: StoreAt) -> Iterator[list[Hospital]]:
    """The same client at each of the hospitals, all on the same day."""
    backends = []
    for name in WORLDS:
        path: Path = tmp_path_factory.mktemp("world") / "h.db"
        day = datetime(2026, 11, 25, tzinfo=UTC)
        backend = EmbeddedBackend(
            store_at(path), page_key=b"p" * 32, clock=lambda day=day: day, exports=path.with_name("exports")
        )
        backend.load(world(name))
        backends.append(backend)
    yield [Hospital(backend, COHORT) for backend in backends]
    for backend in backends:
        backend.close()


@pytest.mark.parametrize(
    "path",
    [
        "/Patient/in1/$everything",
        "/Patient/in1/$everything?_count=2",
        "/Patient/in1/$everything?_type=Observation&start=2026&end=2026-03",
        "/Patient/out1/$everything",
        "/Patient/more-1/$everything",
        "/Encounter/stay-in1/$everything",
        "/Encounter/stay-out1/$everything",
        "/Observation/$lastn?patient=in1&max=5",
        "/Observation/$lastn?patient=out1",
        "/Observation/$lastn?patient=in1&performer=Patient/more-1",
        "/Patient/in1/$validate",
        "/Patient/out1/$validate",
        "/Observation/tied/$validate",
        "/Group/cardiology/$export",
        "/Group/none/$export",
        "/metadata",
    ],
)
def test_an_answer_tells_nothing_of_hidden_data(seen: list[Hospital], path: str) -> None:
    for _ in range(2):
        answers = [client.get(path, prefer="respond-async").response for client in seen]
        assert len({(a.status, a.headers, a.body.replace(b"out1", b"more-1")) for a in answers}) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/$export",
        "/Patient/$export",
        "/Group/oncology/$export",
        "/$export?_since=2020-01-01T00:00:00Z",
        "/$export?_typeFilter=Observation%3Fpatient._has:Observation:patient:code=secret",
        "/$export?_typeFilter=Observation%3Fpatient.name=Lef",
    ],
)
def test_an_export_tells_nothing_of_hidden_data(seen: list[Hospital], path: str) -> None:
    given = []
    for client in seen:
        found = manifest(client, path)
        files = [(item["type"], lines(client, item)) for item in (*found["output"], *found["deleted"])]
        given.append((found["request"], found["transactionTime"], files))
    assert given[0] == given[1] == given[2] == given[3]

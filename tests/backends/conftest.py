"""Our own server as one that is not ours: in a process of its own, over HTTP, behind the proxy."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from lying_server import Liar, bundle, json, known, lying
from proxied_hospital import VIEWS, Client, filled, group, member

from lab.backends.external.address import address
from lab.backends.external.backend import ExternalBackend
from lab.fhir.view import EVERYTHING
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.cluster import cluster


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """The loop of all tests: kept connections belong to one."""
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="session")
def store(tmp_path_factory) -> Path:
    """The hospital that is only read."""
    path = tmp_path_factory.mktemp("proxied") / "hospital.db"
    filled(path).close()
    return path


@pytest.fixture(scope="session")
def inside(store, runner) -> Iterator[Client]:
    """The embedded server asked in this process."""
    backend = EmbeddedBackend(store, page_key=b"p" * 32)
    yield Client(backend, EVERYTHING, runner)
    backend.close()


@pytest.fixture(scope="session")
def proxied(store, runner) -> Iterator[Client]:
    """The same store in another process, asked over HTTP."""
    with cluster(store) as running:
        backend = ExternalBackend(address(running.base_url), page_key=b"q" * 32)
        yield Client(backend, EVERYTHING, runner)
        runner.run(backend.close())
        assert running.alive


@pytest.fixture
def writable(tmp_path, runner) -> Iterator[tuple[Client, Client]]:
    """Two hospitals that are the same until they are written: in this process, and behind the proxy."""
    with twins(tmp_path, runner) as clients:
        yield clients


@pytest.fixture(scope="module")
def written(tmp_path_factory, runner) -> Iterator[tuple[Client, Client]]:
    """The same for all the tests of a file."""
    with twins(tmp_path_factory.mktemp("written"), runner) as clients:
        yield clients


@contextmanager
def twins(folder: Path, runner: asyncio.Runner) -> Iterator[tuple[Client, Client]]:
    """Run them for the length of a block."""
    backend = filled(folder / "inside.db")
    filled(folder / "outside.db").close()
    with cluster(folder / "outside.db") as running:
        external = ExternalBackend(address(running.base_url), page_key=b"q" * 32, pools_last_s=0)
        yield Client(backend, EVERYTHING, runner), Client(external, EVERYTHING, runner)
        runner.run(external.close())
    backend.close()


@pytest.fixture
def liar() -> Iterator[Liar]:
    """A server that tells the truth about one Group and two patients until a test says otherwise."""
    with lying() as running:
        running.answers |= {
            "GET /Group/oncology": json(group("oncology", member("p0"), member("p1"))),
            "POST /Patient/_search": json(bundle(known("p0"), known("p1"))),
            "GET /Patient/p0": json(known("p0")),
        }
        yield running


@pytest.fixture
def client(liar, runner) -> Iterator[Client]:
    backend = ExternalBackend(
        address(liar.base), page_key=b"k" * 16, limit_s=0.5, max_bytes=100_000, pools_last_s=0
    )
    yield Client(backend, VIEWS["group"], runner)
    runner.run(backend.close())

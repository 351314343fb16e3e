"""A hospital to read, shared; a hospital to write, one for each test; and the same over HTTP."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from server_hospital import COHORT, KEY, Hospital, hospital
from subscriber import Endpoint, endpoint

from lab.fhirserver.asgi import application
from lab.fhirserver.backend import EmbeddedBackend
from lab.model.release import Release


@pytest.fixture(scope="session")
def release(request: pytest.FixtureRequest) -> Release:
    """The release of FHIR that the hospital is of: R4, unless a test asks with ``BOTH`` for each."""
    chosen: Release = getattr(request, "param", "R4")
    return chosen


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory, release: Release) -> Iterator[Hospital]:
    """The whole hospital, read only."""
    folder = tmp_path_factory.mktemp("server")
    backend = EmbeddedBackend(folder / "read.db", page_key=b"p" * 32, release=release)
    backend.load(hospital(release))
    yield Hospital(backend)
    backend.close()


@pytest.fixture(scope="session")
def cohort(everything: Hospital) -> Hospital:
    """The same as a confined client sees it."""
    return everything.seen_through(COHORT)


@pytest.fixture
def writable(tmp_path: Path, release: Release) -> Iterator[Hospital]:
    """A hospital of one's own."""
    backend = EmbeddedBackend(tmp_path / "write.db", page_key=b"p" * 32, release=release)
    backend.load(hospital(release))
    yield Hospital(backend)
    backend.close()


@pytest.fixture
def confined(writable: Hospital) -> Hospital:
    """The writable hospital as a confined client sees it."""
    return writable.seen_through(COHORT)


@contextmanager
def served(backend: EmbeddedBackend) -> Iterator[str]:
    """Run a real server; the value is its base URL."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # requests wait for the server instead of being refused
    base = f"http://127.0.0.1:{listener.getsockname()[1]}/fhir"
    app = application(backend, base_url=base, key=KEY)
    config = uvicorn.Config(app, lifespan="off", ws="none", log_level="error", proxy_headers=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield base
    finally:
        server.should_exit = server.force_exit = True
        thread.join(timeout=10)
        listener.close()


@pytest.fixture
def address(writable: Hospital) -> Iterator[str]:
    """The base URL of a server of the writable hospital."""
    with served(writable.backend) as base:
        yield base


@pytest.fixture(scope="session")
def reading_address(everything: Hospital) -> Iterator[str]:
    """The base URL of a server of the shared hospital."""
    with served(everything.backend) as base:
        yield base


@pytest.fixture
def http(address: str) -> Iterator[httpx.Client]:
    """A client with the key of the hospital."""
    headers = {"authorization": f"Bearer {KEY}", "accept": "application/fhir+json"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def hook() -> Iterator[Endpoint]:
    """An endpoint that Subscriptions can name."""
    with endpoint() as state:
        yield state

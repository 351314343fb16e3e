"""A hospital to read, shared; a hospital to write, one for each test; and the same over HTTP.

All of them stand on the store that ``--store`` names; tests that are marked run on both stores.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import uvicorn
from postgresql_server import NoServerError, server, store_url
from server_hospital import COHORT, KEY, Hospital, StoreAt, hospital
from subscriber import Endpoint, endpoint

from lab.fhirserver.asgi import application
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.storage.address import Place
from lab.model.release import Release

_KINDS = {"sqlite": ("sqlite",), "postgresql": ("postgresql",), "both": ("sqlite", "postgresql")}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on the stores that it is for."""
    if "store_at" in metafunc.fixturenames:
        marked = {mark.name for mark in metafunc.definition.iter_markers()}
        asked = "both" if "both_stores" in marked else metafunc.config.getoption("--store")
        metafunc.parametrize("store_at", _KINDS[asked], indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the tests of one store together, in the order in which they came: hospitals are loaded once."""
    items.sort(key=lambda item: _kind(item) == "postgresql")


def _kind(item: pytest.Item) -> str:
    call = getattr(item, "callspec", None)
    return str(call.params.get("store_at", "")) if call else ""


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """The URL of a PostgreSQL database."""
    pytest.importorskip("psycopg", reason="the extra postgresql is not installed")
    with ExitStack() as stack:
        try:
            url = stack.enter_context(server())
        except NoServerError as error:
            pytest.skip(str(error))
        yield url


@pytest.fixture(scope="session")
def store_at(request: pytest.FixtureRequest) -> StoreAt:
    """From the path of a file that need not be there to the store of that name; in memory, to a new one."""
    if request.param == "sqlite":
        return lambda path: path
    database = request.getfixturevalue("database")

    def named(path: Path) -> Place:
        return store_url(database, str(path) if path.name != ":memory:" else f"new {uuid4()}")

    return named


@pytest.fixture(scope="session")
def release(request: pytest.FixtureRequest) -> Release:
    """The release of FHIR that the hospital is of: R4, unless a test asks with ``BOTH`` for each."""
    chosen: Release = getattr(request, "param", "R4")
    return chosen


@pytest.fixture(scope="session")
def everything(
    tmp_path_factory: pytest.TempPathFactory, store_at: StoreAt, release: Release
) -> Iterator[Hospital]:
    """The whole hospital, read only."""
    path = tmp_path_factory.mktemp("server") / "read.db"
    backend = EmbeddedBackend(
        store_at(path), page_key=b"p" * 32, release=release, exports=path.with_name("exports")
    )
    backend.load(hospital(release))
    yield Hospital(backend)
    backend.close()


@pytest.fixture(scope="session")
def cohort(everything: Hospital) -> Hospital:
    """The same as a confined client sees it."""
    return everything.seen_through(COHORT)


@pytest.fixture
def writable(tmp_path: Path, store_at: StoreAt, release: Release) -> Iterator[Hospital]:
    """A hospital of one's own."""
    place = store_at(tmp_path / "write.db")
    backend = EmbeddedBackend(
        place, page_key=b"p" * 32, release=release, exports=tmp_path / "write.db-exports"
    )
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

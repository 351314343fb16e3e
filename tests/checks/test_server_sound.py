"""Servers that offer what the gateway does not, and offer it well, pass the checks of it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from hostile_server import trying

from lab.fhir.http import AsgiApplication
from lab.fhirserver.asgi import application
from lab.fhirserver.backend import EmbeddedBackend
from tests.mutants.xml_writing import speaking_xml

BY_CRITERIA = ("SRV-UPD-05", "SRV-DEL-03", "SRV-CRT-07")
OTHERS = ("SRV-PAT-01", "SRV-PAT-02", "SRV-VER-01", "SRV-VER-03", "SRV-VER-04", "SRV-UPD-04", "SRV-BUN-03")
FHIR = "application/fhir+json"
PATIENT = {
    "resourceType": "Patient",
    "id": "a",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">A &amp; B</div>'},
    "contained": [{"resourceType": "Organization", "id": "o", "name": 'Clinique "A & <B>"'}],
    "managingOrganization": {"reference": "#o"},
    "extension": [{"url": "urn:x", "valueDecimal": 1.50}],
    "active": True,
    "name": [
        {"given": ["Zoë", "Ana"], "_given": [None, {"extension": [{"url": "urn:y", "valueInteger": 7}]}]}
    ],
    "birthDate": "1970-01-01",
    "_birthDate": {"id": "born"},
}


@contextmanager
def served(
    folder: Path, wrap: Callable[[AsgiApplication], AsgiApplication] = lambda app: app
) -> Iterator[str]:
    """Serve the embedded server, without the gateway and without a token."""
    backend = EmbeddedBackend(folder / "sound.db", page_key=b"p" * 32)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    base = f"http://127.0.0.1:{listener.getsockname()[1]}/fhir"
    app: AsgiApplication = wrap(application(backend, base_url=base, key=""))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="none", log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield base
    finally:
        server.should_exit = True
        thread.join()
        backend.close()


@pytest.mark.parametrize("id_", [*BY_CRITERIA, *OTHERS])
def test_the_embedded_server_itself_passes(id_, tmp_path):
    with served(tmp_path) as base_url, trying(base_url, tmp_path) as run:
        end = run(id_)
    assert (end.outcome, end.details) == ("pass", [])


def test_a_server_that_speaks_xml_well_passes(tmp_path):
    with served(tmp_path, speaking_xml) as base_url, trying(base_url, tmp_path) as run:
        httpx.put(f"{base_url}/Patient/a", json=PATIENT, headers={"Content-Type": FHIR}).raise_for_status()
        end = run("SRV-FMT-07")
    assert (end.outcome, end.details) == ("pass", [])

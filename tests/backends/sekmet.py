"""sekmet-fhir 0.1.1, a server that nobody here wrote, on a port of its own with the hospital in it."""

import contextlib
import os
import socket
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx

SETTINGS = """\
host: 127.0.0.1
port: {port}
base_url: http://127.0.0.1:{port}/fhir
log_inbound: false
validation: {{inbound: "off"}}
simulator: {{enabled: false}}
server_auth: {{types: [none]}}
"""


@contextlib.contextmanager
def sekmet(folder: Path, resources: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Run it for the length of a block; the value is its base."""
    program = Path(os.environ["SEKMET_PYTHON"]).absolute().parent / "sekmet"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = folder / "settings.yaml"
    settings.write_text(SETTINGS.format(port=port), encoding="utf-8")
    command = [program, "serve", "--config", settings, "--host", "127.0.0.1", "--port", str(port)]
    base = f"http://127.0.0.1:{port}/fhir"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        _fill(base, resources)
        yield base
    finally:
        process.terminate()
        process.wait(10)


def _fill(base: str, resources: Iterable[dict[str, Any]]) -> None:
    """Store the resources under their ids, in their order; the server is waited for while it starts."""
    entries = [
        {"resource": r, "request": {"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"}}
        for r in resources
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    waiting = httpx.HTTPTransport(retries=7)  # 0, 0.5, 1, 2... seconds between two of them
    with httpx.Client(transport=waiting, trust_env=False, timeout=60) as client:
        answer = client.post(base, json=bundle, headers={"content-type": "application/fhir+json"})
        assert answer.status_code == 200, answer.text[:500]

"""Run the example application in its own process, beside a fake hospital."""

import json
import os
import signal
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from fake_hospital import FakeHospital

TRUST = ssl.create_default_context()
EXAMPLE = Path(__file__).parents[2] / "examples" / "tableau_urgences"


def until(condition, within_s: float = 15.0, what: str = "the expected state"):
    """Return the first true value of the condition."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} was not reached in {within_s} s")


@dataclass
class RunningBoard:
    """The application in its own process."""

    process: subprocess.Popen
    log: Path
    url: str
    hospital: FakeHospital

    @property
    def base(self) -> str:
        """Return the FHIR base of the facade."""
        return f"{self.url}/fhir"

    def get(self, path: str, **options) -> httpx.Response:
        """Get a path, from another address of this machine when ``source`` is given."""
        with self.http(options.pop("source", None)) as http:
            return http.get(f"{self.url}{path}", **options)

    def http(self, source: str | None = None, **options) -> httpx.Client:
        """Return an HTTP client of the facade."""
        transport = httpx.HTTPTransport(verify=TRUST, local_address=source)
        return httpx.Client(base_url=self.base, transport=transport, **options)

    def state(self) -> dict:
        """Return what the board says it holds."""
        return self.get("/state").json()


@contextmanager
def running_board(hospital: FakeHospital, folder: Path, command=("-m", "tableau_urgences"), **more):
    """Run the application, or a variant of it, until the block ends."""
    key = folder / "key.json"
    key.write_text(json.dumps(hospital.private))
    environment = {
        **os.environ,
        "HOSPITAL_FHIR_BASE_URL": hospital.base,
        "BOARD_CLIENT_ID": hospital.client_id,
        "BOARD_KEY_FILE": str(key),
        "BOARD_PORT": "0",
        "BOARD_POLL_INTERVAL_S": "0.1",
        **more,
    }
    log = folder / "board.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=EXAMPLE, env=environment, stdout=errors, stderr=errors
        )
    try:
        line = until(
            lambda: next((x for x in log.read_text().splitlines() if "listening" in x), ""), what=str(log)
        )
        url = json.loads(line[line.index("{") :])["page"].rstrip("/")
        yield RunningBoard(process, log, url, hospital)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

"""A tiny FHIR server with the five levels, over real HTTP on port 0; each fault is switched on by a test."""

import json
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from lab.load.plan import Persona, Target, TokenRequest

REFUSED_SOURCE = "127.0.0.9"
FULL_SECRET = "static-secret-of-the-full-persona"  # noqa: S105 - a test's own
OUTSIDE = "pat-000002"
MASKED = "Émilie Vœu"

STATEMENT = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "date": "2023-01-01",
    "kind": "instance",
    "implementation": {"description": "a hospital of a test"},
    "fhirVersion": "4.0.1",
    "format": ["json"],
    "rest": [{"mode": "server"}],
}


def outcome(said: str) -> dict:
    """Return a refusal in FHIR."""
    issue = {"severity": "error", "code": "processing", "diagnostics": said}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


OUTCOME = outcome("refused")


@dataclass
class Hospital:
    """The server's state; what it saw, and how it misbehaves."""

    assertions: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=lambda: {FULL_SECRET: "full"})
    seen: Counter = field(default_factory=Counter)
    paths: list[str] = field(default_factory=list)
    forms: list[dict] = field(default_factory=list)  # of the token requests
    leaks: bool = False  # shows masked values and resources outside the cohort
    stall: tuple[float, float] | None = None  # (starts, ends) in seconds after the first request
    latency_s: float = 0.0
    first: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    base_url: str = ""
    stop: Callable[[], None] | None = None  # what makes it die

    def target(self, *, assertions: int = 100) -> Target:
        """Return what a caller would know of this server; the assertions are good for one use each."""
        minted = tuple(f"assertion-{secrets.token_hex(8)}" for _ in range(assertions))
        self.assertions.update(minted)
        grant = (("grant_type", "client_credentials"), ("scope", "system/*.rs"))
        return Target(
            base_url=f"{self.base_url}/fhir",
            token_url=f"{self.base_url}/token",
            personas=(
                Persona("full", bearer=FULL_SECRET),
                Persona("narrow", restricted=True, token=TokenRequest(form=grant, assertions=minted)),
            ),
            readable=("Patient/pat-000001",),
            polled=("Encounter?_lastUpdated=ge{since}",),
            searched=("Encounter?_count=20",),
            outside=(f"Patient/{OUTSIDE}",),
            denied_type="Observation",
            masked=("Patient/pat-000001",),
            masked_values=(MASKED,),
            refused_source=REFUSED_SOURCE,
        )

    def open_target(self) -> Target:
        """Return the same server without any level: no token, nobody restricted."""
        return Target(
            base_url=f"{self.base_url}/open",
            personas=(Persona("anyone"),),
            readable=("Patient/pat-000001",),
            polled=("Encounter?_lastUpdated=ge{since}",),
            searched=("Encounter?_count=20",),
        )

    def wait(self) -> None:
        """Apply the stall and the latency."""
        with self.lock:
            now = time.monotonic()
            self.first = self.first or now
            since = now - self.first
        if self.stall and self.stall[0] <= since < self.stall[1]:
            time.sleep(self.stall[1] - since)
        time.sleep(self.latency_s)


class Handler(BaseHTTPRequestHandler):
    """Answers as the Hospital says."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    hospital: Hospital

    def do_GET(self):
        """Read or search, as the five levels allow."""
        self.hospital.wait()
        self.hospital.paths.append(self.path)
        self.answer(*self.read(urlsplit(self.path)))

    def do_POST(self):
        """Grant a token for an assertion that was never seen."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        with self.hospital.lock:
            self.hospital.forms.append(form)
            known = form.get("client_assertion", [""])[0] in self.hospital.assertions
            self.hospital.assertions.discard(form.get("client_assertion", [""])[0])
        if not known or form["grant_type"] != ["client_credentials"]:
            return self.answer(401, {"error": "invalid_client"})
        token = f"granted-{secrets.token_hex(8)}"
        self.hospital.tokens[token] = "narrow"
        return self.answer(200, {"access_token": token, "token_type": "bearer", "expires_in": 300})

    def read(self, url):  # noqa: PLR0911 - one return for each answer of the hospital
        """Return the status and the resource."""
        if self.client_address[0] == REFUSED_SOURCE:
            return 403, OUTCOME
        path = url.path.removeprefix("/fhir").removeprefix("/open")
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        who = "full" if url.path.startswith("/open") else self.hospital.tokens.get(bearer)
        if path == "/metadata":
            return 200, STATEMENT
        if who is None:
            return 401, OUTCOME
        if path == "/Observation" and who == "narrow":
            return 403, OUTCOME
        if path == f"/Patient/{OUTSIDE}" and who == "narrow" and not self.hospital.leaks:
            return 404, outcome(f"Patient/{OUTSIDE} is not known")
        if path.startswith("/Patient/"):
            patient = {"resourceType": "Patient", "id": path.rpartition("/")[2]}
            shown = who == "full" or self.hospital.leaks
            return 200, patient | ({"name": [{"text": MASKED}]} if shown else {})
        return 200, {"resourceType": "Bundle", "type": "searchset", "total": 0}

    def answer(self, status, body):
        """Send one JSON answer."""
        self.hospital.seen[status] += 1
        content = json.dumps(body).encode()  # escapes é as \u00e9: the harder case for leak detection
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A thread per connection; clients that go away are not worth a traceback."""

    daemon_threads = True
    open: set

    def process_request(self, request, client_address):
        """Remember the connections that are open."""
        self.open.add(request)
        super().process_request(request, client_address)

    def die(self):
        """Refuse connections and reset those that are open, as a killed process does."""
        self.shutdown()
        self.server_close()
        for request in self.open:
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    request_queue_size = 256

    def handle_error(self, *_):
        """Say nothing."""


@contextmanager
def hospital(**faults):
    """Run a hospital for the duration of a block."""
    state = Hospital(**faults)
    server = Server(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"hospital": state}))
    server.open, state.stop = set(), server.die
    state.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A vendor in forty lines: one Patient, one token endpoint, and each decision a function to replace."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

from lab.checking.declare import card_of
from lab.checking.expect import Expect, Failed, NotApplicable, NotShown, Told
from lab.engine.catalogue import check_modules
from lab.engine.wire import LiveWire
from lab.journal.journal import Journal
from lab.journal.redact import Redactor

Answer = tuple[int, Mapping[str, str], Mapping[str, object]]
PATIENT = {"resourceType": "Patient", "id": "p1"}
OUTCOME = {"resourceType": "OperationOutcome", "issue": []}
KINDS = [{"code": "read"}, {"code": "search-type"}]
STATEMENT = {
    "resourceType": "CapabilityStatement",
    "rest": [{"mode": "server", "resource": [{"type": "Patient", "interaction": KINDS}]}],
}
_ENDS = {Failed: "fail", NotShown: "skip", NotApplicable: "omit"}


@dataclass
class Tiny:
    """``fhir`` gets (path, headers, peer), ``token`` the form; ``base`` is known once it runs."""

    fhir: Callable[[str, Mapping[str, str], str], Answer] = lambda *_: (200, {}, found())
    token: Callable[[Mapping[str, str]], Answer] = lambda _: (400, {}, {"error": "invalid_client"})
    base: str = ""
    asked: list[str] = field(default_factory=list)


def found() -> dict[str, object]:
    """Return a search result with the patient."""
    entry = [{"resource": PATIENT, "search": {"mode": "match"}}]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entry}


def usual(path: str) -> dict[str, object]:
    """Return what stands at a path of the API."""
    if path.startswith("/fhir/metadata"):
        return STATEMENT
    return PATIENT if path.startswith("/fhir/Patient/") else found()


@contextmanager
def living(tiny: Tiny) -> Iterator[Tiny]:
    """Serve it on a port of the system."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            tiny.asked.append(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, said = (
                tiny.token(dict(parse_qsl(body)))
                if self.path == "/token"
                else tiny.fhir(self.path, headers, self.client_address[0])
            )
            answer = json.dumps(said).encode()
            self.send_response_only(status)
            for name, value in {"Content-Length": str(len(answer)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = _any  # noqa: N815 - the names of http.server

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    tiny.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield tiny
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def wired(folder: Path) -> Iterator[LiveWire]:
    """Give a wire that records into a folder."""
    journal = Journal(folder / "journal.jsonl", "L")
    wire = LiveWire(journal, Redactor(bytes(32)), "", "")
    try:
        yield wire
    finally:
        wire.close()
        journal.close()


def judged(id_: str, **parts: object) -> tuple[str, str]:
    """Run a probe with these parts; return its outcome and what it said."""
    functions = [one for module in check_modules() for one in vars(module).values() if card_of(one)]
    probe = next(one for one in functions if card_of(one).id == id_)
    expect = Expect()
    try:
        probe(**parts, expect=expect)
    except Told as told:
        return _ENDS[type(told)], told.detail.en
    return ("warning", expect.remarks[0].en) if expect.remarks else ("pass", "")

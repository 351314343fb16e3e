"""Tiny HTTP servers that answer nonsense, and a way to run checks against them in this process."""

import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from lab.checking.cohort import Cohort
from lab.checking.declare import card_of
from lab.checking.expect import Expect, Failed, NotApplicable, NotShown, Told
from lab.checking.keys import new_key, new_rsa_key
from lab.checking.smart import SmartEndpoint
from lab.checking.truth import Truth
from lab.engine.catalogue import check_modules
from lab.engine.wire import LiveWire
from lab.fhir.client import FhirClient
from lab.journal.journal import Journal, read_journal
from lab.journal.redact import Redactor
from lab.model.target import Identity, ServerRole, SystemUnderTest
from lab.model.text import Text
from lab.model.words import Role

Answer = tuple[int, dict[str, str], bytes]
_KEYS = {"ES384": new_key("k"), "RS384": new_rsa_key("k")}
_ENDS = {Failed: "fail", NotShown: "skip", NotApplicable: "omit"}


@cache
def server_checks() -> dict[str, Callable[..., None]]:
    """Return the conformance checks of servers by id."""
    found = [value for module in check_modules() for value in vars(module).values() if card_of(value)]
    return {card_of(one).id: one for one in found if card_of(one).id.startswith("SRV-")}


@contextmanager
def serving(answer: Callable[[str, str], Answer]) -> Iterator[str]:
    """Serve what ``answer`` says of a method and path, on a port of the system; yield the base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            status, headers, body = answer(self.command, self.path)
            self.send_response_only(status)
            for name, value in {"Content-Length": str(len(body)), "Connection": "close", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - the names of http.server

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/fhir"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class End:
    """How a check ended: the outcome in one word, and every sentence that it would put into a report."""

    outcome: str
    details: list[Text]


@contextmanager
def trying(base_url: str, folder: Path) -> Iterator[Callable[[str], End]]:
    """Yield a function that runs one check as the engine does, on a server that may be written."""
    identity = Identity("full", "application", "lab", "secret", "system/*.cruds")
    role = ServerRole(base_url, (identity,), read_only=False)
    subject = SystemUnderTest("v", "hostile", "1", (Role.SERVER,), ".", "", server=role)
    journal = Journal(folder / "journal.jsonl", "L")
    wire = LiveWire(journal, Redactor(bytes(32)), "", "")
    client, truth = FhirClient(base_url, wire), Truth(subject, 1, {}, {})

    def run(id_: str) -> End:
        check, expect = server_checks()[id_], Expect()
        parts = {"fhir": client, "anonymous": client, "restricted": client, "expect": expect, "truth": truth}
        parts |= {"cohort": Cohort(("a",), ("b",)), "endpoint": _endpoint(base_url, wire)}
        parts["rsa_endpoint"] = _endpoint(f"{base_url}/rsa", wire, "RS384")
        parts["answered"] = tuple(read_journal(journal.path))
        try:
            check(**{name: parts[name] for name in inspect.signature(check).parameters})
        except Told as told:
            return End(_ENDS[type(told)], [told.detail, *expect.remarks])
        return End("warning" if expect.remarks else "pass", expect.remarks)

    try:
        yield run
    finally:
        wire.close()
        journal.close()


def _endpoint(base_url: str, wire: LiveWire, algorithm: str = "ES384") -> SmartEndpoint:
    """Return a token endpoint; the path tells by which algorithm it is asked."""
    key = _KEYS[algorithm].private
    return SmartEndpoint(f"{base_url}/token", "lab", "system/*.rs", key, "k", wire, algorithm)

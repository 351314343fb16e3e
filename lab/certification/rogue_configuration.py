"""A hospital whose SMART configuration sends clients to a stranger for their tokens; it notes who goes there.

The stranger is in the clear on another host: SMART asks for https, no client may bring it an assertion.
Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

from lab.fhirserver.listening import LOOPBACK
from lab.sandbox.decoy import ADDRESS

CONFIGURATION = "/.well-known/smart-configuration"
_TOKEN = "/rogue/oauth2/token"  # noqa: S105 - a path
_MOST = 65_536
Place = Literal["configuration", "stranger", "hospital", "token"]


@dataclass(frozen=True)
class Visit:
    """A request to the false hospital, to its configuration, or to the stranger that it names."""

    place: Place
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int


@contextmanager
def rogue_configuration(note: Callable[[Visit], None]) -> Iterator[str]:
    """Listen for the length of the block; yield the origin of the false hospital."""
    with ExitStack() as stack:
        stranger = stack.enter_context(serving(ADDRESS, handler(note, lambda _: ("stranger", 400, {}))))
        issuer = f"{stranger}/rogue"
        said = {
            "issuer": issuer,
            "token_endpoint": f"{stranger}{_TOKEN}",
            "introspection_endpoint": f"{stranger}/rogue/oauth2/introspect",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
            "scopes_supported": ["system/*.rs"],
            "capabilities": ["client-confidential-asymmetric", "permission-v2"],
        }

        def answer(path: str) -> tuple[Place, int, object]:
            if path.endswith(CONFIGURATION):
                return "configuration", 200, said
            return "hospital", 404, {"resourceType": "OperationOutcome"}

        yield stack.enter_context(serving(LOOPBACK, handler(note, answer)))


@contextmanager
def serving(address: str, handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Listen for the length of the block; yield the origin."""
    server = ThreadingHTTPServer((address, 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://{address}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def handler(
    note: Callable[[Visit], None], answer: Callable[[str], tuple[Place, int, object]]
) -> type[BaseHTTPRequestHandler]:
    """Return what answers each path as told, and notes who came."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def _answer(self) -> None:
            place, status, said = answer(self.path.partition("?")[0])
            length = self.headers.get("content-length", "0")
            size = min(int(length), _MOST) if length.isascii() and length.isdigit() else 0
            body = self.rfile.read(size)
            host, port = self.connection.getsockname()[:2]
            url = f"http://{host}:{port}{self.path}"
            note(Visit(place, self.command, url, tuple(self.headers.items()), body, status))
            answered = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answered)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answered)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = _answer  # noqa: N815 - their names

        def log_message(self, *_: object) -> None:
            pass

    return Handler

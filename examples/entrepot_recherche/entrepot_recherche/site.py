"""The hooks of the laboratory: /health, /state and /echo, to be open in test builds only."""

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Held = Mapping[str, dict[str, Any]]


def server(port: int, held: Held) -> ThreadingHTTPServer:
    """Return the server of the hooks over what the warehouse holds, by ``Type/id``."""

    class Hooks(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer a hook."""
            if self.path == "/health":
                self._answer(200, {"status": "ready"})
            elif self.path == "/state":
                patients = sorted(name for name in list(held) if name.startswith("Patient/"))
                self._answer(200, {"patients": patients})
            else:
                found = held.get(self.path.removeprefix("/echo/"))
                self._answer(200 if found else 404, found or {"error": "not_found"})

        def _answer(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing: the hooks are no part of the work."""

    return ThreadingHTTPServer(("127.0.0.1", port), Hooks)

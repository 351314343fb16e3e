"""A small FHIR server as a vendor would start it: filled through its API, slow as its law says.

Usage: growing_application.py PORT LAW [STORE]. LAW is ``flat`` or ``square``; with STORE (a file) every
instance counts the patients of all of them, as instances that share a database do.
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

LAWS = {"flat": lambda _: 0.010, "square": lambda size: 0.001 + size * size * 6e-6}
LOCK = threading.Lock()
HELD = {}
LAW = LAWS[sys.argv[2]]
SHARED = Path(sys.argv[3]) if len(sys.argv) > 3 else None


class Handler(BaseHTTPRequestHandler):
    """Holds what it is given."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_PUT(self):
        """Take a resource."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key = tuple(self.path.split("/")[2:4])
        with LOCK:
            HELD.setdefault(key[0], {})[key[1]] = json.loads(body)
            if SHARED and key[0] == "Patient":
                with SHARED.open("a", encoding="ascii") as file:
                    file.write(key[1] + "\n")
        self.answer(201, HELD[key[0]][key[1]])

    def do_DELETE(self):
        """Forget a resource."""
        type_, id_ = self.path.split("/")[2:4]
        with LOCK:
            known = HELD.get(type_, {}).pop(id_, None)
        self.answer(200 if known else 404, {"resourceType": "OperationOutcome"})

    def do_GET(self):
        """Read or search."""
        url = urlsplit(self.path)
        type_, _, id_ = url.path.removeprefix("/fhir/").partition("/")
        if type_ == "metadata":
            return self.answer(200, {"resourceType": "CapabilityStatement", "status": "active"})
        asked = parse_qs(url.query)
        patients = len(HELD.get("Patient", {}))
        if "_lastUpdated" in asked or "_count" in asked:
            time.sleep(LAW(patients) if "patient" not in asked else 0)
        if id_:
            found = HELD.get(type_, {}).get(id_)
            return (
                self.answer(200, found) if found else self.answer(404, {"resourceType": "OperationOutcome"})
            )
        if type_ == "Patient" and asked.get("_summary") == ["count"]:
            return self.answer(200, {"resourceType": "Bundle", "type": "searchset", "total": self.known()})
        held = list(HELD.get(type_, {}).values())[: int(asked.get("_count", ["20"])[0])]
        entries = [{"resource": one, "search": {"mode": "match"}} for one in held]
        return self.answer(200, {"resourceType": "Bundle", "type": "searchset", "entry": entries})

    def known(self):
        """Count the patients of this instance, or of all that share its file."""
        if SHARED is None:
            return len(HELD.get("Patient", {}))
        return len(set(SHARED.read_text(encoding="ascii").split()))

    def answer(self, status, body):
        """Send one JSON answer."""
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A thread per connection."""

    daemon_threads = True
    request_queue_size = 256


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()

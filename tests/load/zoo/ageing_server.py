"""A server that keeps something of each request and gets slower, or does not: a process of its own.

``python ageing_server.py KEPT_BYTES SLOWER_S``: bytes kept of each request, seconds more for each second.
"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEPT, SLOWER_S = int(sys.argv[1]), float(sys.argv[2])
BODY = b'{"resourceType": "Bundle", "total": 0}'
BEGAN_S = 0.02
kept: list[bytearray] = []
first: list[float] = []


class Ageing(BaseHTTPRequestHandler):
    """Answers an empty Bundle."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Keep, wait, answer."""
        first[:] = first or [time.monotonic()]
        kept.append(bytearray(b"x" * KEPT))
        time.sleep(BEGAN_S + SLOWER_S * (time.monotonic() - first[0]))
        self.send_response(200)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        """Say nothing."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Ageing)
server.daemon_threads = True
print(server.server_port, flush=True)  # noqa: T201 - where it is
server.serve_forever()

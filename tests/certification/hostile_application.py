"""An application that misbehaves in one way: ``hostile_application.py MODE PORT [CERTIFICATE]``."""

import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODE, PORT = sys.argv[1], int(sys.argv[2])
FHIR = "application/fhir+json"
STATEMENT = (
    b'{"resourceType":"CapabilityStatement","status":"active","date":"2026-01-01","kind":"instance",'
    b'"fhirVersion":"4.0.1","format":["json"],"rest":[{"mode":"server","resource":[{"type":"Patient",'
    b'"interaction":[{"code":"read"},{"code":"search-type"}]}]}]}'
)
asked = 0


class Handler(BaseHTTPRequestHandler):
    """Answer every GET as the mode says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Misbehave."""
        global asked  # noqa: PLW0603 - one server, one count
        asked += 1
        getattr(self, f"play_{MODE.replace('-', '_')}")()

    do_POST = do_GET  # noqa: N815 - named by the standard library

    def answer(self, status, body, kind=FHIR, **headers):
        """Send a whole answer."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def play_garbage(self):
        """JSON of every wrong shape in turn."""
        shapes = [
            b"[1,2]",
            b'"x"',
            b"null",
            b'{"resourceType":7,"entry":{"a":1},"rest":3}',
            b"{{{",
            b"\xff\xfe",
        ]
        self.answer(200, shapes[asked % len(shapes)])

    def play_html(self):
        """A page for people."""
        self.answer(200, b"<html><body>It works!</body></html>", "text/html")

    def play_loop(self):
        """A redirect to itself."""
        self.answer(302, b"", Location=self.path)

    def play_huge(self):
        """Two hundred megabytes, in chunks, once ready."""
        if asked == 1:
            return self.answer(200, STATEMENT)
        self.send_response(200)
        self.send_header("Content-Type", FHIR)
        self.send_header("Content-Length", "200000000")
        self.end_headers()
        try:
            for _ in range(200):
                self.wfile.write(b" " * 1_000_000)
        except OSError:
            self.close_connection = True

    def play_dies(self):
        """Answer a little, then end the process."""
        self.answer(200, STATEMENT)
        if asked > 5:
            threading.Thread(target=self.server.shutdown).start()

    def play_expired(self):
        """Answer well, behind a certificate that nobody should accept."""
        self.answer(200, STATEMENT)

    def log_message(self, *_):
        """Stay silent."""


server = ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
server.daemon_threads = True
if MODE == "expired":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
if MODE == "never-ready":
    time.sleep(60)
if MODE == "ends-at-once":
    sys.exit("no licence found")
server.serve_forever()

"""Real HTTP servers of known laws: one for each size, all alive at once; they sleep, and compute nothing."""

import json
import threading
import time
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BUNDLE = {"resourceType": "Bundle", "type": "searchset", "total": 0}


class Handler(BaseHTTPRequestHandler):
    """Sleeps as the law says that the query names, then answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        """Answer a search, or a wrong thing when the law says so."""
        server = self.server
        law = server.laws[parse_qs(urlsplit(self.path).query)["law"][0]]
        with server.lock:
            server.inside += 1
            inside = server.inside
        try:
            seconds = law(server.size, inside)
            time.sleep(abs(seconds))
        finally:
            with server.lock:
                server.inside -= 1
        self.answer(BUNDLE if seconds >= 0 else {"resourceType": "OperationOutcome"})

    def answer(self, body):
        """Send one JSON answer."""
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A thread per connection; it knows its laws, its size, and how many are inside."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, laws, size):
        super().__init__(("127.0.0.1", 0), Handler)
        self.laws, self.size, self.inside = laws, size, 0
        self.lock = threading.Lock()
        self.base_url = f"http://127.0.0.1:{self.server_address[1]}/fhir"

    def handle_error(self, *_):
        """Say nothing: clients go away."""


@contextmanager
def serving(laws, size):
    """Run one server for the length of the block."""
    server = Server(laws, size)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def zoo(laws, sizes):
    """Run a server of each size; yield them by size."""
    with ExitStack() as stack:
        yield {size: stack.enter_context(serving(laws, size)) for size in sizes}

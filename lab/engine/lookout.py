"""Listen on an address of the laboratory's own, as long as one check runs, and tell what was seen there.

It also reads the output of an application that the laboratory started, line by line.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from lab.checking.lookout import CALLS, OUTPUT

_PATIENCE_S, _POLL_S = 0.6, 0.02
_MOST_CALLS, _MOST_OUTPUT = 100, 5_000_000


@contextmanager
def listening(output: str) -> Iterator[str]:
    """Yield the address; ``output`` is the file that the application's output goes to, empty for none."""
    calls: list[str] = []
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(_Listener, calls, Path(output) if output else None)
    )
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Listener(BaseHTTPRequestHandler):
    """Answers the laboratory; everybody else gets a 404 and is remembered."""

    timeout = 2.0

    def __init__(self, calls: list[str], output: Path | None, *connection: object) -> None:
        self._calls = calls
        self._output = output
        super().__init__(*connection)  # type: ignore[arg-type]

    def handle_one_request(self) -> None:
        """Answer any method alike."""
        line = self.rfile.readline(8_192).decode("latin-1").strip()
        self.close_connection = True
        method, _, target = line.partition(" ")
        path = urlsplit(target.partition(" ")[0])
        match path.path.removeprefix("/"):
            case name if name == CALLS:
                self._say({"calls": _waited(lambda: self._calls[:_MOST_CALLS])})
            case name if name == OUTPUT:
                mark = parse_qs(path.query).get("mark", [""])[0]
                self._say({"captured": self._output is not None, "lines": _waited(lambda: self._lines(mark))})
            case _:
                self._calls.append(f"{method} {path.path}"[:300])
                self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def _lines(self, mark: str) -> list[str]:
        if self._output is None or not self._output.exists():
            return []
        with self._output.open("rb") as file:
            file.seek(max(0, self._output.stat().st_size - _MOST_OUTPUT))
            lines = file.read().split(b"\n")
        return [line.decode("utf-8", "replace")[:2_000] for line in lines if mark.encode() in line][:50]

    def _say(self, data: dict[str, object]) -> None:
        body = json.dumps(data).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self.wfile.write(head.encode() + b"Connection: close\r\n\r\n" + body)


def _waited(found: Callable[[], list[str]]) -> list[str]:
    """Return what is found, after a moment in which what is under way can arrive."""
    until = time.monotonic() + _PATIENCE_S
    while not found() and time.monotonic() < until:
        time.sleep(_POLL_S)
    return list(found())

"""Bytes sent as they are to a running platform, what it answers to them, and what it recorded of them."""

import json
import re
import socket
import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE_S = 8.0
_LENGTH = re.compile(rb"\r\ncontent-length: ([0-9]+)\r\n", re.IGNORECASE)


@dataclass(frozen=True)
class Heard:
    """The statuses answered, in order; whether the server closed; what it recorded, by marker."""

    statuses: tuple[int, ...]
    closed: bool
    outer: tuple[int, ...]
    inner: tuple[int, ...]
    bytes: bytes

    @property
    def refused(self):
        """Tell whether one refusal ended it all: nothing more answered, read or recorded."""
        alone = len(self.statuses) == 1 and self.statuses[0] >= 400
        return alone and self.closed and len(self.outer) <= 1 and not self.inner and 200 not in self.outer


@dataclass(frozen=True)
class Wire:
    """One of the two servers: where it listens, its journal, and what a right request to it looks like.

    ``path`` holds ``{}`` where the marker stands by which its exchanges are found.
    """

    address: tuple[str, int]
    journal: str
    path: str
    headers: str
    media_type: str = "application/x-www-form-urlencoded"

    def send(self, raw, *, outer="", inner="", end=False):
        """Send bytes and, with ``end``, end our half; read until the server closes; look at the journal.

        Raises:
            TimeoutError: it neither closes nor answers.
        """
        with open(self.journal, "rb") as journal:  # noqa: PTH123 - read from where it ends now
            journal.seek(0, 2)
            said, closed = self._talk(raw, end=end)
            # An answer to a request sent later says that nothing of this one is still to be recorded.
            self._talk(self.request(f"later-{uuid.uuid4()}", "Connection: close\r\n"), end=False)
            recorded = [json.loads(line) for line in journal if line.endswith(b"\n")]
        found = [
            tuple(one["status"] for one in recorded if marker and marker in one["url"])
            for marker in (outer, inner)
        ]
        return Heard(tuple(_statuses(said)), closed, found[0], found[1], said)

    def request(self, marker, more="", method="GET", version="HTTP/1.1"):
        """Return a head without ambiguity; ``more`` are whole lines."""
        return f"{method} {self.path.format(marker)} {version}\r\n{self.headers}{more}\r\n".encode()

    def post(self, marker, framing, body=b""):
        """Return a POST whose body is framed by these header lines."""
        return self.request(marker, f"Content-Type: {self.media_type}\r\n{framing}", "POST") + body

    def _talk(self, raw, *, end):
        said, closed = b"", False
        with socket.create_connection(self.address, timeout=PATIENCE_S) as sock:
            try:
                sock.sendall(raw)
                if end:
                    sock.shutdown(socket.SHUT_WR)
            except OSError:
                closed = True  # it did not want to hear the rest
            try:
                while piece := sock.recv(65_536):
                    said += piece
                closed = True
            except ConnectionResetError:
                closed = True
        return said, closed


def _statuses(said):
    """Yield the status of each answer, by the lengths that they tell; junk between them is an error."""
    while said:
        head, gap, rest = said.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 "), said[:80]
        assert gap
        yield int(head[9:12])
        length = _LENGTH.search(head + b"\r\n")
        said = rest[int(length[1]) if length else 0 :]


def markers():
    """Return two texts that no other request holds: for a request, and for one hidden in it."""
    name = uuid.uuid4().hex[:12]
    return f"outer-{name}", f"inner-{name}"


def wires(hospital, token):
    """Return the gateway and the token server of a running sandbox by name."""
    addresses, plan = hospital
    gateway, tokens = urlsplit(addresses.fhir_base_url), urlsplit(addresses.token_url)
    headers = f"Host: {gateway.netloc}\r\nAuthorization: Bearer {token}\r\n"
    return {
        "gateway": Wire((gateway.hostname, gateway.port), plan.journal, "/fhir/Patient/{}", headers),
        "token server": Wire(
            (tokens.hostname, tokens.port), plan.journal, "/{}", f"Host: {tokens.netloc}\r\n"
        ),
    }

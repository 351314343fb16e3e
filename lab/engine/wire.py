"""Carry the requests of checks over real HTTP, bounded in time and size, and record every exchange."""

import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from urllib.parse import urlsplit

import httpx

from lab.engine.at_once import at_once
from lab.fhir.client import Outgoing, origin
from lab.fhir.reply import Reply
from lab.journal.journal import Journal
from lab.journal.redact import Redactor

TIMEOUT_S = 10.0
LONGEST_PAUSE_S = 2.0
MAX_ANSWER = 20_000_000
_RAW_ANSWER = 1_000_000


class LiveWire:
    """One wire per run. ``check`` is the id of the check that is sending, set by the engine.

    ``gone`` holds the origins that refuse connections: the application there has stopped.
    """

    def __init__(self, journal: Journal, redactor: Redactor, laboratory_secret: str, hospital: str) -> None:
        self._journal = journal
        self._redactor = redactor
        self._secret = laboratory_secret
        self._hospital = hospital
        self._clients: dict[str, httpx.Client] = {}
        self._started = time.monotonic()
        self.check: str | None = None
        self.gone: set[str] = set()
        self.sent: list[str] = []

    def send(self, request: Outgoing) -> Reply:
        """Send one request; what cannot be answered is a reply with status 0 and the reason."""
        begun = time.monotonic()
        reply = self._raw(request) if request.raw is not None else self._http(request)
        return self._recorded(request, reply, begun)

    def send_at_once(self, requests: Sequence[Outgoing]) -> list[Reply]:
        """Send requests that arrive at the same instant; they are recorded in their order."""
        begun = time.monotonic()
        replies = at_once(requests)
        return [self._recorded(*pair, begun) for pair in zip(requests, replies, strict=True)]

    def pause(self, seconds: float) -> None:
        """Wait for the application, which works meanwhile; never long."""
        time.sleep(min(max(seconds, 0.0), LONGEST_PAUSE_S))

    def _recorded(self, request: Outgoing, reply: Reply, begun: float) -> Reply:
        body_type = {name.lower(): value for name, value in request.headers}.get("content-type", "")
        sent = (
            self._redactor.body(request.body, body_type)
            if request.raw is None
            else self._redactor.message(request.raw)
        )
        exchange = self._journal.record(
            t=round(begun - self._started, 4),
            actor="laboratory",
            client="",
            method=request.method,
            url=self._redactor.url(request.url),
            request_headers=self._redactor.headers(request.headers),
            request_body=sent,
            status=reply.status,
            response_headers=self._redactor.headers(reply.headers),
            response_body=self._redactor.body(reply.body, reply.header("content-type") or "json"),
            latency_ms=round((time.monotonic() - begun) * 1000, 3),
            check=self.check,
            error=reply.error,
            facts=_facts(request),
        )
        self.sent.append(exchange.id)
        return Reply(exchange.id, reply.status, reply.headers, reply.body, reply.error, request.url)

    def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            client.close()

    def _client(self, source: str) -> httpx.Client:
        if source not in self._clients:
            transport = httpx.HTTPTransport(local_address=source or None, retries=0)
            self._clients[source] = httpx.Client(
                transport=transport, timeout=TIMEOUT_S, follow_redirects=False, trust_env=False
            )
        return self._clients[source]

    def _http(self, request: Outgoing) -> Reply:
        headers = list(request.headers)
        if self._hospital and request.url.startswith(self._hospital):
            headers.append(("X-Laboratory", self._secret))
        try:
            with self._client(request.source).stream(
                request.method, request.url, headers=headers, content=request.body or None
            ) as answer:
                body, error = _bounded(answer)
                return Reply("", answer.status_code, _headers(answer), body, error)
        except httpx.ConnectError as error:
            if not request.source:  # a firewall that rejects a refused address is no application that stopped
                self.gone.add(origin(request.url))
            return Reply("", 0, error=_why(error))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return Reply("", 0, error=_why(error))

    def _raw(self, request: Outgoing) -> Reply:
        """Send bytes as they are: HTTP libraries would tidy an attack away."""
        try:
            with _connected(request) as connection:
                # Not half-closed after the request: many servers then drop the answer they were making.
                with suppress(BrokenPipeError, ConnectionResetError):  # refused before its end: read on
                    connection.sendall(request.raw or b"")
                return _parse_raw(_received(connection))
        except OSError as error:
            return Reply("", 0, error=_why(error))


def _connected(request: Outgoing) -> socket.socket:
    """Connect to the server of a URL, over TLS when it says so."""
    parts = urlsplit(request.url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    address = (host, parts.port or (443 if secure else 80))
    plain = socket.create_connection(address, TIMEOUT_S, (request.source, 0) if request.source else None)
    if not secure:
        return plain
    try:
        return _trust().wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise


@cache
def _trust() -> ssl.SSLContext:
    """Return the authorities that the other requests trust."""
    return httpx.create_ssl_context(trust_env=False)


def _received(connection: socket.socket) -> bytes:
    """Return what comes until the server closes, as ``Connection: close`` asks it to, or falls silent."""
    received = b""
    try:
        while len(received) < _RAW_ANSWER and (chunk := connection.recv(65536)):
            received += chunk
    except (TimeoutError, ConnectionResetError):  # a server that refuses closes without reading the rest
        if not received:
            raise
    return received


def _facts(request: Outgoing) -> dict[str, object]:
    facts: dict[str, object] = {"source": request.source} if request.source else {}
    return facts if request.raw is None else {**facts, "raw": True}


def _bounded(answer: httpx.Response) -> tuple[bytes, str]:
    chunks, size = [], 0
    deadline = time.monotonic() + 3 * TIMEOUT_S
    for chunk in answer.iter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_ANSWER:
            return b"".join(chunks)[:1000], f"the body is longer than {MAX_ANSWER} bytes"
        if time.monotonic() > deadline:
            return b"".join(chunks)[:1000], f"the body is not whole after {3 * TIMEOUT_S:.0f} s"
    return b"".join(chunks), ""


def _headers(answer: httpx.Response) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw)


def _parse_raw(received: bytes) -> Reply:
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ", 2)
    status = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
    pairs = (line.partition(":") for line in lines[1:])
    headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    if not status:  # no HTTP: what came may still say something, such as a TLS alert
        return Reply("", 0, (), received, "the connection was closed without an answer")
    return Reply("", status, headers, body)


def _why(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"certificate refused: {cause.verify_message}"
        cause = cause.__cause__ or cause.__context__
    return f"{type(error).__name__}: {error}"[:200]

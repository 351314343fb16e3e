"""One HTTP request and its answer, as the page and the facade see them; read from and sent to ASGI.

The path stays percent-encoded: what two programs could decode differently is refused instead.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from tableau_urgences.fhir import JSON, outcome

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

FHIR_JSON = "application/fhir+json; charset=utf-8"
MAX_FORM = 64_000
_PATH = re.compile(r"(/[A-Za-z0-9._$\-]+)*/?")


@dataclass(frozen=True)
class Request:
    """``peer`` is the address of the socket; header names are lower case, repeated ones are all there."""

    method: str
    path: str
    query: str
    peer: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        """Return the first header of that lower-case name, empty when there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def count(self, name: str) -> int:
        """Return how many headers bear that lower-case name."""
        return sum(1 for key, _ in self.headers if key == name)

    @property
    def is_plain(self) -> bool:
        """Tell whether the path holds only what our paths need: no escape, no empty or dotted segment."""
        return bool(_PATH.fullmatch(self.path)) and not {".", ".."} & set(self.path.split("/"))


@dataclass(frozen=True)
class Response:
    """An answer; nothing of ours may be kept by a cache."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """A request that gets an OperationOutcome; ``level`` is which of the five levels refused it, or 0."""

    def __init__(self, status: int, issue: str, words: str, *, level: int = 0, **headers: str) -> None:
        """Keep what the answer needs; a header is given as ``www_authenticate=...``."""
        super().__init__(words)
        self.status = status
        self.issue = issue
        self.level = level
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def response(self) -> Response:
        """Return the answer to send."""
        return fhir_response(outcome(self.issue, str(self)), self.status, **self.headers)


def fhir_response(resource: JSON, status: int = 200, **headers: str) -> Response:
    """Return an answer that carries a resource."""
    body = orjson.dumps(resource, default=_as_read)
    return Response(status, body, {"content-type": FHIR_JSON, **headers})


def _as_read(value: object) -> orjson.Fragment:
    """Return a decimal with the digits that the hospital gave it."""
    return orjson.Fragment(str(value))


def head_of(scope: Scope) -> Request:
    """Return the request without its body: enough to decide on the network."""
    raw = scope.get("raw_path") or scope["path"].encode()
    return Request(
        method=scope["method"],
        path=raw.decode("latin-1").partition("?")[0],
        query=scope.get("query_string", b"").decode("latin-1"),
        peer=(scope.get("client") or ("", 0))[0],
        headers=tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in scope["headers"]),
    )


async def body_of(receive: Receive) -> bytes:
    """Return the whole body.

    Raises:
        Refusal: 413 beyond 64 KB, far more than any search form needs.
    """
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_FORM:
            raise Refusal(
                413, "too-long", "The body is longer than a search form may be.", connection="close"
            )
        if not message.get("more_body", False):
            return bytes(body)


async def send_response(send: Send, response: Response, *, head: bool) -> None:
    """Send an answer; to HEAD, with the headers of GET and no body."""
    headers = {
        "cache-control": "no-store, private",
        "vary": "Authorization",
        "x-content-type-options": "nosniff",
        **response.headers,
    }
    if response.status != 304:
        headers["content-length"] = str(len(response.body))
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": pairs})
    await send({"type": "http.response.body", "body": b"" if head else response.body})

"""One HTTP request as the listeners of the sandbox read it from ASGI: bounded, unambiguous, undecoded.

What two programs could read differently is refused before anything looks at it: a repeated header that
must be single, a header that changes the method, a body beyond the limit.

Spec: https://asgi.readthedocs.io/en/latest/specs/www.html
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import cached_property, lru_cache
from typing import Any

from lab.fhir.response import FhirError, FhirResponse

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApplication = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 10_000_000
BODY_PATIENCE_S = 60.0
_SINGLE = frozenset({"host", "authorization", "content-length", "content-type", "transfer-encoding"})
_HOST = re.compile(r"(?:[A-Za-z0-9._\-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_CLOSE = (("connection", "close"),)
"""With the refusal of what could be read in two ways goes all that follows it on the connection."""
_PIECES = 8
"""What a slow platform is played with; no piece of an answer is one that a reader waits long for."""
_OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})


@dataclass(frozen=True)
class HttpRequest:
    """``path`` is still percent-encoded; ``headers`` have lower-case names, in the order received.

    ``peer`` is the address of the socket, the only one that level 1 believes.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    peer: str
    body: bytes = b""
    version: str = "1.1"

    def header(self, name: str) -> str:
        """Return the header of that lower-case name, or an empty string."""
        for key, value in self.headers:
            if key == name:
                return value
        return ""

    @cached_property
    def by_name(self) -> Mapping[str, str]:
        """Return the headers by lower-case name, the last one winning."""
        return dict(self.headers)


def head_of(scope: Scope) -> HttpRequest:
    """Return the request without its body, unverified: enough for the network level."""
    raw = scope.get("raw_path") or scope["path"].encode()
    return HttpRequest(
        method=scope["method"],
        path=raw.decode("latin-1").partition("?")[0],
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in scope["headers"]),
        peer=(scope.get("client") or ("", 0))[0],
        version=scope.get("http_version", "1.1"),
    )


async def read_whole(head: HttpRequest, receive: Receive, max_body: int = MAX_BODY) -> HttpRequest:
    """Verify the headers, read the body and return the whole request.

    Raises:
        FhirError: 400 for a header that is repeated or forbidden, 413 for a body beyond ``max_body`` bytes,
            408 for one that does not end in time, 505 for another version of HTTP.
    """
    _verify(head)
    length = head.header("content-length")
    if length.isdigit() and int(length) > max_body:
        raise FhirError(413, "too-long", f"The body is longer than {max_body} bytes.")
    if head.by_name.keys().isdisjoint(_FRAMING):
        body = await _body(receive, max_body)  # RFC 9112, 6.3: none follows, so that there is no wait
        return replace(head, body=body) if body else head
    try:
        async with asyncio.timeout(BODY_PATIENCE_S):
            return replace(head, body=await _body(receive, max_body))
    except TimeoutError:
        late = f"The body did not end within {BODY_PATIENCE_S:g} seconds."
        raise FhirError(408, "timeout", late, _CLOSE) from None


async def _body(receive: Receive, max_body: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise FhirError(400, "incomplete", "The body was cut.")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > max_body:
            raise FhirError(413, "too-long", f"The body is longer than {max_body} bytes.")
        more = message.get("more_body", False)
    return b"".join(chunks)


def _verify(head: HttpRequest) -> None:
    """Refuse a head that two programs could read differently, and all that follows it."""
    if head.version not in {"1.0", "1.1"}:
        raise FhirError(505, "not-supported", "The request is neither of HTTP/1.1 nor of HTTP/1.0.", _CLOSE)
    if not head.path.startswith("/") or "#" in head.path + head.query:
        raise FhirError(400, "invalid", "The request target is no absolute path, or has a fragment.", _CLOSE)
    names = head.by_name
    if len(names) < len(head.headers) and (repeated := _repeated(head)):
        raise FhirError(400, "invalid", f"The header {repeated} is repeated.", _CLOSE)
    if "host" not in names:
        raise FhirError(400, "invalid", "The header Host is missing.", _CLOSE)
    if not _HOST.fullmatch(names["host"]):
        raise FhirError(400, "invalid", "The header Host is no host.", _CLOSE)
    if "transfer-encoding" in names and (
        head.version == "1.0" or names["transfer-encoding"].strip().lower() != "chunked"
    ):
        raise FhirError(400, "not-supported", "The only Transfer-Encoding is chunked, of HTTP/1.1.", _CLOSE)
    if not names.keys().isdisjoint(_OVERRIDES):
        raise FhirError(400, "not-supported", "The method cannot be overridden by a header.", _CLOSE)


def _repeated(head: HttpRequest) -> str:
    """Return the first header, by name, that is sent twice and must be single; an empty string for none."""
    names = [name for name, _ in head.headers]
    return min((name for name in _SINGLE if names.count(name) > 1), default="")


async def send_answer(send: Send, answer: FhirResponse, *, head: bool = False) -> None:
    """Send an answer; ``head`` keeps the headers of a GET and leaves its body out."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    if not any(name.lower() == b"date" for name, _ in headers):
        headers.append((b"date", _date(int(time.time()))))
    if answer.status not in {204, 304} and answer.chunks is None:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    for chunk in () if head or answer.chunks is None else answer.chunks:
        await _send_part(send, chunk, answer.over_s)
    body = b"" if head or answer.status in {204, 304} else answer.body
    if answer.over_s and body:
        await _send_part(send, body, answer.over_s)
        body = b""
    await send({"type": "http.response.body", "body": body})


async def _send_part(send: Send, part: bytes, over_s: float) -> None:
    """Send what is not the end of an answer: at once, or in pieces that take ``over_s`` seconds together."""
    size = max(1, -(-len(part) // _PIECES) if over_s else len(part))
    for start in range(0, max(1, len(part)), size):
        await send({"type": "http.response.body", "body": part[start : start + size], "more_body": True})
        await asyncio.sleep(over_s / _PIECES)  # others are served meanwhile


@lru_cache(maxsize=4)
def _date(seconds: int) -> bytes:
    return formatdate(seconds, usegmt=True).encode()

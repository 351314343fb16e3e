"""The head of an answer: its status, and where its body ends; whatever leaves a doubt is refused.

Two lengths, a length beside chunks, a name with a space behind it: each has let one answer pass for two
(request smuggling), so that none is guessed at.
Source: https://www.rfc-editor.org/rfc/rfc9112.html#section-6.3
"""

import re
from typing import NamedTuple

from lab.load.lean.malformed import MalformedError

LARGEST = 65_536
"""Bytes of a head."""

CHUNKED = -1
UNTIL_CLOSE = -2

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_HEAD = re.compile(rb"HTTP/1\.([01]) ([1-9]\d\d)(?: [^\r\n\0]*)?\r\n(?:" + _TOKEN + rb":[^\r\n\0]*\r\n)*\r\n")
# Nearly every answer: one length, kept alive, nothing else about where the body ends. One look, not three.
_OTHERS = (
    rb"(?:(?!(?i:content-length|transfer-encoding|connection|content-encoding):)"
    + _TOKEN
    + rb":[^\r\n\0]*+\r\n)*+"
)
_PLAIN = re.compile(
    rb"HTTP/1\.1 ([2-5]\d\d)(?: [^\r\n\0]*+)?\r\n"
    + _OTHERS
    + rb"(?i:content-length):[ \t]*+(\d{1,15})\r\n"
    + _OTHERS
    + rb"(?:(?i:connection:[ \t]*+keep-alive)\r\n"
    + _OTHERS
    + rb")?+\r\n"
)
_BARE = re.compile(rb"[^\r\n]*\n")  # a line that no CR ends: the rest would be waited for in vain
_FRAMING = re.compile(
    rb"\n(content-length|transfer-encoding|connection|content-encoding):[ \t]*([^\r]*)", re.IGNORECASE
)
_NO_BODY = frozenset((204, 304))
_DIGITS = 15


class Head(NamedTuple):
    """``length`` in bytes, or CHUNKED, or UNTIL_CLOSE; ``end`` is where the body starts in what was read."""

    status: int
    length: int
    keep: bool
    compressed: bool
    end: int


def read_head(data: bytes) -> Head | None:
    """Return the head at the start of ``data``, None while it is not whole.

    Raises:
        MalformedError: it is none, or leaves a doubt on its length.
    """
    plain = _PLAIN.match(data)
    if plain is not None:
        status, end = int(plain[1]), plain.end()
        if end <= LARGEST and status not in _NO_BODY:
            return Head(status, int(plain[2]), True, False, end)
    match = _HEAD.match(data)
    if match is None:
        if b"\r\n\r\n" not in data and len(data) <= LARGEST and not _BARE.match(data):
            return None
        raise _malformed(data)
    end = match.end()
    if end > LARGEST:
        raise MalformedError("headers too large", int(match[2]))
    return Head(*_framing(match[1], match[2], tuple(_FRAMING.findall(data, 0, end))), end)


def _framing(
    version: bytes, code: bytes, fields: tuple[tuple[bytes, bytes], ...]
) -> tuple[int, int, bool, bool]:
    """Return the status, the length, whether the connection is kept, and whether the body is compressed."""
    status, latest = int(code), version == b"1"
    length, keep, compressed = UNTIL_CLOSE, latest, False
    seen: set[bytes] = set()
    for name, value in fields:
        field = name.lower()
        if field == b"content-length":
            if not value.strip(b" \t").isdigit() or len(value) > _DIGITS or field in seen:
                raise MalformedError("no sound Content-Length", status)
            length = int(value)
        elif field == b"transfer-encoding":
            if value.strip(b" \t").lower() != b"chunked" or field in seen or not latest:
                raise MalformedError("no sound Transfer-Encoding", status)
        elif field == b"connection":
            options = value.lower()
            keep = (keep or b"keep-alive" in options) and b"close" not in options
        else:
            compressed = value.strip(b" \t").lower() != b"identity"
        seen.add(field)
    if b"transfer-encoding" in seen:
        if b"content-length" in seen:
            raise MalformedError("both a length and chunks", status)
        length = CHUNKED
    if status in _NO_BODY or status < 200:
        length = 0
    return status, length, keep and length != UNTIL_CLOSE, compressed


def _malformed(data: bytes) -> MalformedError:
    if not re.match(rb"HTTP/1\.[01] [1-9]\d\d(?: |\r\n)", data):
        return MalformedError("BadStatusLine")
    return MalformedError("headers too large" if len(data) > LARGEST else "malformed header", int(data[9:12]))

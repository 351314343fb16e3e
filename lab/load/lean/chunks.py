"""A body in chunks: taken apart as it comes, with every length and every line end checked.

Source: https://www.rfc-editor.org/rfc/rfc9112.html#section-7.1
"""

import re
from collections.abc import Callable

from lab.load.lean.malformed import MalformedError

_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n\0]*)?\r\n")
_LONGEST = 4_096
"""Bytes of a line that gives a length."""
_TRAILERS = 65_536
"""Bytes of the trailers."""


def read_chunks(data: bytes, more: Callable[[], bytes], cap: int) -> tuple[bytes | None, bytes]:
    """Return the body and what follows it; a body of None is larger than ``cap`` bytes.

    ``data`` is what was read already; ``more`` reads on and gives b"" at the end of the connection.

    Raises:
        MalformedError: a length or a line end is not what it must be, or the end came first.
    """
    body: list[bytes] = []
    size = 0
    while True:
        line = _LINE.match(data)
        while line is None:
            if b"\r\n" in data or len(data) > _LONGEST:
                raise MalformedError("no sound chunk")
            data += _next(more)
            line = _LINE.match(data)
        length = int(line[1], 16)
        data = data[line.end() :]
        if length == 0:
            return b"".join(body), _after_trailers(data, more)
        size += length
        if size > cap:
            return None, b""
        if len(data) < length + 2:
            parts, held = [data], len(data)
            while held < length + 2:
                parts.append(_next(more))
                held += len(parts[-1])
            data = b"".join(parts)
        if data[length : length + 2] != b"\r\n":
            raise MalformedError("no sound chunk")
        body.append(data[:length])
        data = data[length + 2 :]


def _after_trailers(data: bytes, more: Callable[[], bytes]) -> bytes:
    """Return what follows the empty line that ends the trailers, which are not used."""
    while True:
        if data.startswith(b"\r\n"):
            return data[2:]
        end = data.find(b"\r\n\r\n")
        if end >= 0:
            return data[end + 4 :]
        if len(data) > _TRAILERS:
            raise MalformedError("headers too large")
        data += _next(more)


def _next(more: Callable[[], bytes]) -> bytes:
    data = more()
    if not data:
        raise MalformedError("IncompleteRead")
    return data

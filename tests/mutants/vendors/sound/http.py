"""A strict HTTP/1.1 server: what two readers could read in two ways is refused and the connection closed.

Spec: RFC 9112 (framing, section 6; obsolete folding, section 5.2), RFC 9110 section 7.2 (Host)
"""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import unquote_to_bytes

from tests.mutants.vendors.sound.message import Answer, Refused, Request
from tests.mutants.vendors.sound.writing import Writing

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_MOST_HEAD, _MOST_BODY, _PATIENCE_S, _LINGER_S = 32_768, 5_000_000, 20.0, 2.0
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LINE = re.compile(rb"([A-Za-z]+) (/[\x21-\x7e]*) HTTP/1\.1")
_LENGTH = re.compile(r"[0-9]{1,15}")
_ENCODED = re.compile(r"%(?:2f|2e|5c|00|25|3b)", re.IGNORECASE)


class Http(Writing):
    """Reads requests from connections; each rule is a method of its own."""

    def __init__(
        self,
        hosts: Callable[[], frozenset[str]],
        answer: Callable[[Request], Answer],
        admit: Callable[[str], None],
    ) -> None:
        self.hosts = hosts
        self.answer = answer
        self.admit = admit
        self.max_body = _MOST_BODY

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        peer = writer.get_extra_info("peername")[0]
        try:
            while True:
                head = await self._head(reader)
                if head is None:
                    break
                request, refusal = None, None
                try:
                    request = await self.read(head, reader, peer)
                except Refused as refused:
                    refusal = self.refusal(refused, peer)
                answer = refusal or self.answer(request)
                keep = refusal is None and request.header("connection").lower() != "close"
                writer.write(self.wire(answer, request, keep=keep))
                await writer.drain()
                if refusal is not None:
                    await self._linger(reader, writer)
                if not keep:
                    break
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            pass
        finally:
            writer.close()

    def refusal(self, refused: Refused, peer: str) -> Answer:
        """Return what goes out for a request that cannot be read: the network comes before its form."""
        try:
            self.admit(peer)
        except Refused as shut_out:
            return shut_out.answer()
        return refused.answer()

    async def _linger(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Let the refusal arrive: closing on what is still being sent would reset the connection."""
        with suppress(TimeoutError):
            writer.write_eof()
            async with asyncio.timeout(_LINGER_S):
                while await reader.read(65_536):
                    pass

    async def _head(self, reader: asyncio.StreamReader) -> bytes | None:
        head = b""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while not self.ends(head):
                    head += await reader.readuntil(b"\n")
                    if len(head) > _MOST_HEAD:
                        return b""
        except asyncio.LimitOverrunError:
            return b""
        except asyncio.IncompleteReadError as ended:
            return self.cut_head(head + ended.partial)
        return head

    def ends(self, head: bytes) -> bool:
        """Tell whether a head is whole; one with a bare line feed is not read further."""
        return head.endswith(b"\r\n\r\n") or (head.endswith(b"\n") and not head.endswith(b"\r\n"))

    def cut_head(self, partial: bytes) -> bytes | None:
        """Return what stands for a head that never ended."""
        return partial if partial.strip() else None

    async def read(self, head: bytes, reader: asyncio.StreamReader, peer: str) -> Request:
        """Read one request whose head has come."""
        if not head or len(head) > _MOST_HEAD:
            raise Refused(431, "too-long", "The head of the request is too long.")
        lines = self.lines(head)
        found = _LINE.fullmatch(lines[0])
        if found is None:
            raise Refused(400, "structure", "The request line cannot be read.")
        method, target = found[1].decode(), found[2].decode()
        headers = tuple(self.field(line) for line in lines[1:])
        self.check_host([value for name, value in headers if name == "host"])
        body = await self.body(headers, reader)
        if method not in METHODS:
            raise Refused(501, "not-supported", "The method is not supported.")
        path, _, query = target.partition("?")
        return Request(method, self.path(path), self.query(query), headers, body, peer)

    def lines(self, head: bytes) -> list[bytes]:
        """Return the lines of a head."""
        whole = head.removesuffix(b"\r\n\r\n")
        lines = whole.split(b"\r\n")
        if b"\0" in whole or any(b"\n" in line or b"\r" in line for line in lines):
            raise Refused(400, "structure", "The head holds a bare line feed or NUL.")
        if any(line[:1] in {b" ", b"\t"} for line in lines):
            raise Refused(400, "structure", "The head holds a folded line.")
        return lines

    def field(self, line: bytes) -> tuple[str, str]:
        """Read one header line."""
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN.fullmatch(name):
            raise Refused(400, "structure", "A header line cannot be read.")
        return name.decode().lower(), value.strip(b" \t").decode("latin-1")

    def check_host(self, hosts: list[str]) -> None:
        """Refuse a missing, repeated or foreign Host."""
        if len(hosts) != 1 or hosts[0] not in self.hosts():
            raise Refused(400, "structure", "The Host header is missing, repeated or of another host.")

    async def body(self, headers: tuple[tuple[str, str], ...], reader: asyncio.StreamReader) -> bytes:
        """Read the body, whose end must be told in exactly one way."""
        lengths = [value for name, value in headers if name == "content-length"]
        codings = [value for name, value in headers if name == "transfer-encoding"]
        self.check_framing(lengths, codings)
        if any(name == "content-encoding" for name, _ in headers):
            raise Refused(415, "not-supported", "Compressed bodies are not supported.")
        if codings:
            return await self._chunked(reader)
        size = int(lengths[0]) if lengths else 0
        if size > self.max_body:
            raise Refused(413, "too-long", "The body is too long.")
        return await asyncio.wait_for(reader.readexactly(size), _PATIENCE_S)

    def check_framing(self, lengths: list[str], codings: list[str]) -> None:
        """Refuse what leaves the end of the body in doubt."""
        doubtful = len(lengths) > 1 or len(codings) > 1 or (lengths and codings)
        odd = any(not _LENGTH.fullmatch(v) for v in lengths) or any(v != "chunked" for v in codings)
        if doubtful or odd:
            raise Refused(400, "structure", "The length of the body is in doubt.")

    async def _chunked(self, reader: asyncio.StreamReader) -> bytes:
        body = b""
        while True:
            line = await asyncio.wait_for(reader.readuntil(b"\r\n"), _PATIENCE_S)
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}\r\n", line):
                raise Refused(400, "structure", "A chunk cannot be read.")
            size = int(line, 16)
            if len(body) + size > self.max_body:
                raise Refused(413, "too-long", "The body is too long.")
            chunk = await asyncio.wait_for(reader.readexactly(size + 2), _PATIENCE_S)
            if chunk[-2:] != b"\r\n":
                raise Refused(400, "structure", "A chunk cannot be read.")
            if not size:
                return body
            body += chunk[:-2]

    def path(self, raw: str) -> str:
        """Decode a path that can only be read in one way."""
        dotted = any(segment in {".", ".."} for segment in raw.split("/"))
        if "//" in raw or dotted or ";" in raw or _ENCODED.search(raw):
            raise Refused(400, "structure", "The path cannot be read.")
        return _decoded(raw)

    def query(self, raw: str) -> str:
        """Check that a query is text."""
        _decoded(raw)
        return raw


def _decoded(raw: str) -> str:
    try:
        return unquote_to_bytes(raw).decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Refused(400, "structure", "The address is not text.") from None

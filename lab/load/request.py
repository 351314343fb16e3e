"""One HTTP request as the engines send it: where to, and its bytes, made once however often it is sent.

Source: https://www.rfc-editor.org/rfc/rfc9112.html#section-3
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self
from urllib.parse import quote, urlsplit

_PORTS = {"http": 80, "https": 443}
_SAFE = "%!$&'()*+,;=:@/?|[]~"
_IDEMPOTENT = ("GET", "HEAD", "PUT", "DELETE")


class Origin(NamedTuple):
    """One server as seen from one local address; connections are interchangeable within an origin."""

    scheme: str
    host: str
    port: int
    source: str | None


@dataclass(frozen=True)
class Ask:
    """One request; ``target`` is its path and query. Headers hold secrets and are not shown."""

    origin: Origin
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None = None

    @classmethod
    def of(
        cls, method: str, url: str, headers: Mapping[str, str], body: bytes | None, source: str | None = None
    ) -> Self:
        """Return the request of an absolute URL, sent from a local address where one is given."""
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 80)
        origin = Origin(parts.scheme, parts.hostname or "", port, source)
        path = parts.path or "/"
        target = f"{path}?{parts.query}" if parts.query else path
        # Some paths hold what the server said of itself: nothing of it may end the line.
        return cls(origin, method, quote(target, safe=_SAFE), headers, body)

    def __repr__(self) -> str:
        """Show what is no secret."""
        return f"Ask({self.method} {self.target})"

    @cached_property
    def repeatable(self) -> bool:
        """Whether it may be sent twice (RFC 9110 section 9.2.2)."""
        return self.method in _IDEMPOTENT

    @cached_property
    def encoded(self) -> bytes:
        """Return the whole request.

        Raises:
            ValueError: a header would break out of its line.
        """
        length = {} if self.body is None else {"Content-Length": str(len(self.body))}
        lines = [f"{self.method} {self.target} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in {**self.headers, **length}.items()]
        if any(not (line.isprintable() and line.isascii()) for line in lines):
            message = f"A request to {self.origin.host} holds a character that no request line or header may."
            raise ValueError(message)
        return "\r\n".join([*lines, "", ""]).encode("ascii") + (self.body or b"")

    @property
    def _host(self) -> str:
        host = f"[{self.origin.host}]" if ":" in self.origin.host else self.origin.host
        return host if _PORTS.get(self.origin.scheme) == self.origin.port else f"{host}:{self.origin.port}"

"""One HTTP exchange as recorded in the journal: the evidence that findings cite."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Decision:
    """What one of the five levels said of a request, and by which rule."""

    level: int
    allow: bool
    rule: str
    reason: str


@dataclass(frozen=True)
class Exchange:
    """A request and its answer, secrets already replaced by a keyed digest (``h:`` + 12 hex digits).

    ``t`` is seconds since the start of the run; ``latency_ms`` is wall time. ``status`` 0 means that no
    answer came, and ``error`` then says why. ``actor`` is ``application`` (recorded by the gateway) or
    ``laboratory`` (recorded by a check). ``facts`` holds what redaction would otherwise destroy, such as
    the header and claims of a client assertion.
    """

    id: str
    t: float
    actor: str
    client: str
    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...] = ()
    request_body: str = ""
    status: int = 0
    response_headers: tuple[tuple[str, str], ...] = ()
    response_body: str = ""
    latency_ms: float = 0.0
    check: str | None = None
    act: str | None = None
    decision: Decision | None = None
    error: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    def header(self, name: str) -> str | None:
        """Return the first response header of that name, whatever its letter case."""
        return _first(self.response_headers, name)

    def request_header(self, name: str) -> str | None:
        """Return the first request header of that name, whatever its letter case."""
        return _first(self.request_headers, name)


def _first(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)

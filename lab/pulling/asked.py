"""Read the requests of one application out of the journal of the gateway: what each asked and was given.

Nothing here trusts the application, and nothing asks it: delivery is what left the gateway.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from lab.model.exchange import Exchange
from lab.pulling.plan import MARK

CHANGED = ("_lastUpdated", "_since")
"""The parameters by which only what changed is asked for."""
_PAGING = frozenset({"_count", "_sort", "_total", "_format", "_elements", "_summary"})
_ABOUT_ONE = frozenset({"_id", "patient", "subject", "_page", "page", "_getpages", "_offset"})
_WHOLE = frozenset({200, 206})


@dataclass(frozen=True)
class Given:
    """One version of one resource in an answer; ``version`` is the one that the application sees.

    ``updated`` is its meta.lastUpdated, ``number`` that of the event by its mark, None without one. A client
    with masks is given versions of its own (``lab.gateway.seen``): they say which are the same, not which is
    the later.
    """

    reference: str
    version: str
    updated: str
    number: int | None = None


@dataclass(frozen=True)
class Asked:
    """One request of the application, in seconds of the journal: sent at ``t``, answered at ``end``.

    ``type`` is empty for what is about no type (a token, the capabilities). ``next`` is the link to the next
    page; ``followed`` says that this request is one.
    """

    id: str
    t: float
    end: float
    status: int
    fault: str
    kind: str
    type: str
    parameters: tuple[tuple[str, str], ...]
    given: tuple[Given, ...]
    size: int
    conditional: bool
    retry_after_s: float
    next: str
    url: str
    followed: bool

    @property
    def is_poll(self) -> bool:
        """Tell whether it asks what there is of a type, and neither a known resource nor a further page."""
        names = {name.partition(":")[0] for name, _ in self.parameters}
        return self.kind in {"search", "history"} and not self.followed and not names & _ABOUT_ONE

    @property
    def what(self) -> tuple[str, ...]:
        """Return what a poll is about, whatever moment it starts from: two polls of one kind are equal."""
        kept = (pair for pair in self.parameters if pair[0].partition(":")[0] not in {*CHANGED, *_PAGING})
        return (self.kind, self.type, *(f"{name}={value}" for name, value in sorted(kept)))

    @property
    def since(self) -> tuple[str, ...]:
        """Return from when changes are asked for, as it stands in the request."""
        return tuple(value for name, value in self.parameters if name in CHANGED)


class Reader:
    """Reads the requests of one application as the journal grows."""

    def __init__(self, base_url: str, client_id: str) -> None:
        self._base_url = base_url
        self._mine = {client_id, ""}
        self._links: set[str] = set()
        self._found: list[Asked] = []

    def add(self, journal: Iterable[Exchange]) -> None:
        """Read further exchanges, in the order in which they were recorded: when they were answered."""
        for exchange in journal:
            if exchange.actor == "application" and exchange.client in self._mine:
                request = _asked(exchange, self._base_url, self._links)
                if request.next:
                    self._links.add(request.next)
                self._found.append(request)

    @property
    def requests(self) -> tuple[Asked, ...]:
        """Return every request so far, in the order in which they were sent."""
        return tuple(sorted(self._found, key=lambda one: one.t))


def asked(journal: Iterable[Exchange], base_url: str, client_id: str) -> tuple[Asked, ...]:
    """Return the requests of one application, in the order in which they were sent."""
    reader = Reader(base_url, client_id)
    reader.add(journal)
    return reader.requests


def _asked(exchange: Exchange, base_url: str, links: set[str]) -> Asked:
    kind, type_ = _place(exchange, base_url)
    parts = urlsplit(exchange.url)
    in_body = exchange.request_body if parts.path.endswith("/_search") else ""
    content = _json(exchange.response_body) if exchange.status in _WHOLE else None
    wait = exchange.header("retry-after") or ""
    return Asked(
        id=exchange.id,
        t=exchange.t,
        end=exchange.t + exchange.latency_ms / 1000,
        status=exchange.status,
        fault=exchange.act or "",
        kind=kind,
        type=type_,
        parameters=tuple(parse_qsl(parts.query, keep_blank_values=True) + parse_qsl(in_body)),
        given=tuple(_given(content)) if kind not in {"token", "other"} else (),
        size=len(exchange.response_body.encode()),
        conditional=any(exchange.request_header(name) for name in ("if-none-match", "if-modified-since")),
        retry_after_s=float(wait) if wait.isdecimal() else 0.0,
        next=_next(content) if isinstance(content, dict) else "",
        url=exchange.url,
        followed=exchange.url in links,
    )


def _place(exchange: Exchange, base_url: str) -> tuple[str, str]:
    """Return which kind of request it is, and of which type."""
    if not exchange.url.startswith(base_url):
        return ("token" if urlsplit(exchange.url).path.endswith("/token") else "other"), ""
    path = urlsplit(exchange.url.removeprefix(base_url)).path.strip("/")
    type_, _, rest = path.partition("/")
    if not type_[:1].isupper():
        return ("history" if type_ == "_history" else "other"), ""
    if "_history" in rest:
        return "history", type_
    if rest in {"", "_search"}:
        return "search", type_
    return ("operation" if "$" in rest else "read"), type_


def _given(content: Any) -> Iterator[Given]:
    for resource in _resources(content):
        meta = resource.get("meta")
        if not isinstance(meta, Mapping):
            continue
        yield Given(
            reference=f"{resource.get('resourceType')}/{resource.get('id')}",
            version=str(meta.get("versionId", "")),
            updated=str(meta.get("lastUpdated", "")),
            number=_number(resource.get("identifier")),
        )


def _number(identifiers: Any) -> int | None:
    """Return the number of the event that a resource is marked with."""
    for one in identifiers if isinstance(identifiers, list) else ():
        if isinstance(one, Mapping) and one.get("system") == MARK:
            number = str(one.get("value", "")).rpartition("-")[2]
            return int(number) if number.isdecimal() else None
    return None


def _resources(content: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(content, list):  # lines of NDJSON
        yield from (one for one in content if isinstance(one, Mapping))
    elif isinstance(content, Mapping) and content.get("resourceType") == "Bundle":
        for entry in content.get("entry", []):
            resource = entry.get("resource")
            if isinstance(resource, Mapping):
                yield from _resources(resource)
    elif isinstance(content, Mapping):
        yield content


def _next(content: Mapping[str, Any]) -> str:
    links = content.get("link", [])
    return next((str(one.get("url", "")) for one in links if one.get("relation") == "next"), "")


def _json(body: str) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return [orjson.loads(line) for line in body.splitlines() if line]
    except orjson.JSONDecodeError:
        return None

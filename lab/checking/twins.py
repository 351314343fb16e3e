"""Two instances of one application that differ only in what one identity must not see, asked the same.

Promise P2 of the five-levels reference: whatever that identity asks, it gets the same answer. What two
processes cannot have in common is put aside: address, time, the random part of ids and page links.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.fhir.client import FhirClient, origin
from lab.fhir.reply import Reply

_CHANGING = frozenset(
    {
        *("date", "expires", "last-modified", "age", "keep-alive", "set-cookie", "via"),
        *("x-request-id", "request-id", "x-correlation-id", "traceparent", "tracestate", "server-timing"),
        *("x-response-time", "x-process-time", "x-runtime", "retry-after"),
    }
)
"""Headers of time, of tracing and of the connection. Others, such as ETag, are compared."""
_COUNTING = ("ratelimit", "x-ratelimit", "x-rate-limit")
_TIMES = frozenset({"lastUpdated", "lastModified", "timestamp", "transactionTime"})
"""Members that say when something was written or answered, which no two processes do at the same moment."""
_OPAQUE = re.compile(r"[A-Za-z0-9_\-.~=]{16,}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_ANSWERS = frozenset({"searchset", "history", "batch-response", "transaction-response"})
_NONE = object()
"""Stands for a member that is not there."""
_VERSION = re.compile(r'(?:W/)?"[0-9]{1,9}"')


@dataclass(frozen=True)
class Answers:
    """The answers of both instances to one request, and how they differ: empty when they do not."""

    one: Reply
    two: Reply
    difference: str

    @property
    def evidence(self) -> tuple[Reply, Reply]:
        """Return both exchanges."""
        return self.one, self.two


@dataclass(frozen=True)
class Twins:
    """The same identity at both instances."""

    one: FhirClient
    two: FhirClient

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answers:
        """Send one request to both."""
        replies = [
            client.request(method, path, headers=headers, body=body) for client in (self.one, self.two)
        ]
        return self._answers(*replies)

    def follow(self, answers: Answers) -> Answers | None:
        """Follow the next link that each gave; None when neither gave one."""
        links = answers.one.link("next"), answers.two.link("next")
        if links[0] is None or links[1] is None:
            return None
        return self._answers(self.one.get(links[0]), self.two.get(links[1]))

    def _answers(self, one: Reply, two: Reply) -> Answers:
        return Answers(one, two, difference((one, self.one.base_url), (two, self.two.base_url)))


def difference(one: tuple[Reply, str], two: tuple[Reply, str]) -> str:
    """Return in which way two answers differ, each with the base URL of its instance; or nothing."""
    first, second = one[0], two[0]
    if first.status != second.status:
        return f"HTTP {first.status} against {second.status}"
    heads = [_headers(reply, base) for reply, base in (one, two)]
    for name in sorted({*heads[0], *heads[1]}):
        values = [head.get(name) for head in heads]
        if not _same_header(name, values, same_bytes=first.body == second.body):
            return f"another {name} header"
    if isinstance(first.json, dict) and isinstance(second.json, dict):
        place = _place((first.json, one[1]), (second.json, two[1]))
        return f"another {place}" if place else ""
    same = _text(first.text, one[1]) == _text(second.text, two[1])
    return "" if same else "another body"


def _headers(reply: Reply, base: str) -> dict[str, list[str]]:
    """Return what is compared of the headers.

    The body is compared as such: its length is left out, but where only the length tells of it (HEAD, 304).
    """
    kept: dict[str, list[str]] = {}
    for name, value in reply.headers:
        plain = name.lower()
        if plain not in _CHANGING and not plain.startswith(_COUNTING):
            kept.setdefault(plain, []).append(_text(value, base))
    if reply.body:
        kept.pop("content-length", None)
    return kept


def _same_header(name: str, values: list[list[str] | None], *, same_bytes: bool) -> bool:
    """Tell whether a header is the same at both.

    The ETag of a body that holds times or addresses may be a digest of them: it is compared when it is a
    version number, or when both bodies are the same to the byte.
    """
    if values[0] == values[1]:
        return True
    tags = [value[0] if value else "" for value in values]
    return name == "etag" and all(tags) and not same_bytes and not any(map(_VERSION.fullmatch, tags))


def _link(value: Any, base: str) -> Any:
    return _OPAQUE.sub("[opaque]", _text(value, base)) if isinstance(value, str) else value


def _text(text: str, base: str) -> str:
    text = text.replace(base, "[base]").replace(origin(base), "[origin]")
    return _UUID.sub("[uuid]", text)


def _place(one: tuple[Any, str], two: tuple[Any, str]) -> str:
    """Return the path of the first place where two JSON values differ, each with the base of its instance.

    What two processes cannot have in common is passed over. It walks without recursion: what a server answers
    may be nested as deep as its author likes.
    """
    waiting: list[tuple[str, Any, Any, bool]] = [("", one[0], two[0], False)]
    while waiting:
        path, a, b, link = waiting.pop()
        if isinstance(a, dict) and isinstance(b, dict):
            inner = [
                (f"{path}.{name}".lstrip("."), a.get(name, _NONE), b.get(name, _NONE))
                for name in _names(a, b)
            ]
            is_link = "relation" in a and "url" in a
            waiting += [(place, *pair, is_link) for place, *pair in reversed(inner)]
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return f"{path} ({len(a)} against {len(b)} items)"
            items = [(f"{path}[{n}]", *pair, False) for n, pair in enumerate(zip(a, b, strict=True))]
            waiting += reversed(items)
        elif _leaf(a, one[1], link=link) != _leaf(b, two[1], link=link) or type(a) is not type(b):
            return path or "body"
    return ""


def _names(one: dict[str, Any], two: dict[str, Any]) -> list[str]:
    """Return the members to compare of two objects: neither times nor the id of the answer itself."""
    passing = one.get("resourceType") == "Bundle" and str(one.get("type")) in _ANSWERS
    return [
        name
        for name in (*one, *(name for name in two if name not in one))
        if not ((name in _TIMES or (name == "id" and passing)) and name in one and name in two)
    ]


def _leaf(value: Any, base: str, *, link: bool) -> Any:
    if link:
        return _link(value, base)
    return _text(value, base) if isinstance(value, str) else value

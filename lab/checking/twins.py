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
        place = _place(_plain(first.json, one[1]), _plain(second.json, two[1]), "")
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


def _plain(node: Any, base: str) -> Any:
    """Return JSON without what two processes cannot have in common, its array order kept."""
    if isinstance(node, dict):
        link = "relation" in node and "url" in node
        return {name: _member(node, name, value, base, link=link) for name, value in node.items()}
    if isinstance(node, list):
        return [_plain(item, base) for item in node]
    return _text(node, base) if isinstance(node, str) else node


def _member(node: dict[str, Any], name: str, value: Any, base: str, *, link: bool) -> Any:
    if name in _TIMES:
        return "[time]"
    if name == "id" and node.get("resourceType") == "Bundle" and node.get("type") in _ANSWERS:
        return "[id]"  # of the answer itself, which is not stored
    return _link(value, base) if link else _plain(value, base)


def _link(value: Any, base: str) -> Any:
    return _OPAQUE.sub("[opaque]", _text(value, base)) if isinstance(value, str) else value


def _text(text: str, base: str) -> str:
    text = text.replace(base, "[base]").replace(origin(base), "[origin]")
    return _UUID.sub("[uuid]", text)


def _place(one: Any, two: Any, path: str) -> str:
    """Return the path of the first place where two JSON values differ."""
    if isinstance(one, dict) and isinstance(two, dict):
        for name in (*one, *(name for name in two if name not in one)):
            if (name in one) != (name in two):
                return f"{path}.{name}".lstrip(".")
            if found := _place(one[name], two[name], f"{path}.{name}"):
                return found.lstrip(".")
        return ""
    if isinstance(one, list) and isinstance(two, list):
        if len(one) != len(two):
            return f"{path} ({len(one)} against {len(two)} items)".lstrip(".")
        pairs = enumerate(zip(one, two, strict=True))
        return next((f for n, (a, b) in pairs if (f := _place(a, b, f"{path}[{n}]"))), "").lstrip(".")
    return "" if one == two and type(one) is type(two) else (path or "body").lstrip(".")

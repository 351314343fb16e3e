"""A FHIR client for checks: it sends exactly what it is told and hides nothing of the answer.

No redirect is followed, no error raised, nothing retried: what the server does is what the check sees.
Spec: https://hl7.org/fhir/R4/http.html
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from lab.fhir.reply import Reply

FHIR_JSON = "application/fhir+json"
MAX_PAGES = 50


@dataclass(frozen=True)
class Outgoing:
    """A request to send. ``source`` is the local address to send from; ``raw`` replaces the whole message."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    source: str = ""
    raw: bytes | None = None


class Wire(Protocol):
    """Whatever carries requests to a server and records them."""

    def send(self, request: Outgoing) -> Reply:
        """Send one request and return what came back."""
        ...

    def send_at_once(self, requests: Sequence[Outgoing]) -> list[Reply]:
        """Send requests that arrive at the same instant and return what came back, in their order."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait, where somebody works meanwhile: a run that is judged again does not."""
        ...


def no_token() -> str:
    """Return no Authorization header."""
    return ""


@dataclass(frozen=True)
class FhirClient:
    """One persona at one server. ``authorization`` gives the header value, empty for none."""

    base_url: str
    wire: Wire
    authorization: Callable[[], str] = no_token
    source: str = ""
    name: str = "anonymous"
    extra_headers: tuple[tuple[str, str], ...] = field(default=())

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Reply:
        """Send one request; ``path`` is relative to the base, or an absolute URL.

        A header given as an empty string is left out, Authorization included.
        """
        absolute = path.startswith(("http://", "https://"))
        url = path if absolute else f"{self.base_url}/{path}".rstrip("/")
        chosen = {"Accept": FHIR_JSON, "Authorization": self.authorization(), **dict(self.extra_headers)}
        chosen |= headers or {}
        sent = tuple((name, value) for name, value in chosen.items() if value)
        return self.wire.send(Outgoing(method, url, sent, body, self.source))

    def get(
        self,
        path: str,
        parameters: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """GET a path, with search parameters when given."""
        return self.request("GET", _with_query(path, parameters or {}), headers=headers)

    def read(self, type_: str, id_: str) -> Reply:
        """Read one resource."""
        return self.get(f"{type_}/{id_}")

    def search(self, type_: str, parameters: Mapping[str, object] | None = None, **more: object) -> Reply:
        """Search a type by GET; use the mapping for names with a modifier or a chain."""
        return self.get(type_, {**(parameters or {}), **more})

    def search_by_post(self, type_: str, parameters: Mapping[str, object]) -> Reply:
        """Search a type by POST to ``_search``."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.request("POST", f"{type_}/_search", headers=headers, body=_form(parameters).encode())

    def write(
        self, method: str, path: str, resource: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a resource by POST or PUT."""
        body = json.dumps(resource, ensure_ascii=False).encode()
        return self.request(method, path, headers={"Content-Type": FHIR_JSON, **(headers or {})}, body=body)

    def delete(self, path: str) -> Reply:
        """Delete a resource."""
        return self.request("DELETE", path)

    def pages(self, first: Reply, limit: int = MAX_PAGES) -> Iterator[Reply]:
        """Yield a page and those that its next links lead to, each followed exactly as given.

        A link that leads to another origin is not followed: the token would go there too.
        """
        page, seen = first, {first.url}
        yield page
        for _ in range(limit - 1):
            url = page.link("next")
            if url is None or url in seen or not url.startswith(f"{origin(self.base_url)}/"):
                return
            seen.add(url)
            page = self.get(url)
            yield page


def origin(url: str) -> str:
    """Return scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _with_query(path: str, parameters: Mapping[str, object]) -> str:
    return f"{path}?{_form(parameters)}" if parameters else path


def _form(parameters: Mapping[str, object]) -> str:
    pairs = [
        (name, str(one))
        for name, value in parameters.items()
        for one in (value if isinstance(value, list | tuple) else [value])
    ]
    return urlencode(pairs, safe=":,/|")

"""The rights that an application really used, read from its exchanges with the hospital.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from lab.api import Exchange

_OK = 200
_KINDS = {"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
_LETTERS = {"c": "create", "u": "update", "d": "delete"}


def kind(letter: str) -> str:
    """Return what a letter of a scope opens; reading and searching count as one."""
    return "read" if letter in "rs" else _LETTERS[letter]


def uses(exchange: Exchange, base: str) -> Iterator[tuple[str, str]]:
    """Yield the (type, kind) rights that an exchange with the hospital used."""
    if not exchange.url.startswith(f"{base}/") or not _OK <= exchange.status < 300:
        return
    yield from _asked(exchange.method, urlsplit(exchange.url.removeprefix(f"{base}/")).path)
    for body in (exchange.request_body, exchange.response_body):
        for entry in _members(body, "entry"):
            request, resource = entry.get("request"), entry.get("resource")
            if isinstance(request, dict) and body is exchange.request_body:
                yield from _asked(str(request.get("method")), str(request.get("url")).partition("?")[0])
            elif isinstance(resource, dict):
                yield str(resource.get("resourceType")), "read"
    for file in _members(exchange.response_body, "output"):  # the manifest of an export
        if isinstance(file.get("type"), str):
            yield str(file["type"]), "read"


def _asked(method: str, path: str) -> Iterator[tuple[str, str]]:
    type_, _, rest = path.partition("/")
    yield type_, "read" if rest == "_search" else _KINDS.get(method, "read")


def _members(body: str, name: str) -> list[dict[str, object]]:
    """Return the objects of an array of a JSON object."""
    try:
        found = json.loads(body).get(name, [])
    except (ValueError, AttributeError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

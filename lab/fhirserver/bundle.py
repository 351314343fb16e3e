"""Bundles assembled by joining the stored bytes of resources.

Spec: https://hl7.org/fhir/R4/bundle.html
"""

from collections.abc import Iterable, Mapping

import orjson


def bundle(
    kind: str,
    entries: Iterable[bytes],
    links: Mapping[str, str] | None = None,
    total: int | None = None,
) -> bytes:
    """Return a Bundle of a type; ``links`` by relation; without entries there is no ``entry``."""
    parts = [b'{"resourceType":"Bundle","type":' + orjson.dumps(kind)]
    if total is not None:
        parts.append(b'"total":%d' % total)
    if links:
        parts.append(b'"link":' + orjson.dumps([{"relation": r, "url": u} for r, u in links.items()]))
    joined = b",".join(entries)
    if joined:
        parts.append(b'"entry":[' + joined + b"]")
    return b",".join(parts) + b"}"


def found_entry(base_url: str, type_: str, id_: str, resource: bytes, mode: str) -> bytes:
    """Return an entry of a search; neither types nor ids hold a character that JSON escapes."""
    head = f'{{"fullUrl":"{base_url}/{type_}/{id_}","resource":'
    return b'%b%b,"search":{"mode":"%b"}}' % (head.encode(), resource, mode.encode())


def entry(full_url: str, resource: bytes | None, **members: object) -> bytes:
    """Return an entry; ``members`` are ``search``, ``request`` or ``response``."""
    parts = []
    if full_url:
        parts.append(b'"fullUrl":' + orjson.dumps(full_url))
    if resource is not None:
        parts.append(b'"resource":' + resource)
    parts += [orjson.dumps(name) + b":" + orjson.dumps(value) for name, value in members.items()]
    return b"{" + b",".join(parts) + b"}"

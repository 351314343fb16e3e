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


def found_entries(base_url: str, found: Iterable[tuple[str, str, bytes]], mode: str) -> list[bytes]:
    """Return the entries of a search, from type, id and bytes of each resource.

    Neither types nor ids hold a character that JSON escapes.
    """
    base, tail = f'{{"fullUrl":"{base_url}/', f',"search":{{"mode":"{mode}"}}}}'.encode()
    return [
        b'%b","resource":%b%b' % (f"{base}{type_}/{id_}".encode(), resource, tail)
        for type_, id_, resource in found
    ]


def entry(full_url: str, resource: bytes | None, **members: object) -> bytes:
    """Return an entry; ``members`` are ``search``, ``request`` or ``response``."""
    parts = []
    if full_url:
        parts.append(b'"fullUrl":' + orjson.dumps(full_url))
    if resource is not None:
        parts.append(b'"resource":' + resource)
    parts += [orjson.dumps(name) + b":" + orjson.dumps(value) for name, value in members.items()]
    return b"{" + b",".join(parts) + b"}"

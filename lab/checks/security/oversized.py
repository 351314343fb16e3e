"""Requests that cost their receiver far more than their sender: long, deep, or small until unpacked.

Source: OWASP API4:2023; CWE-770, CWE-409 (compressed data amplification).
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from lab.api import FhirClient, Outgoing, Reply

_MEGABYTE = 1_000_000
_BODY = 10 * _MEGABYTE
_UNPACKED = 100
_DEPTH = 100_000
_LINKS = 50
_IDS = 10_000
_JSON = "application/fhir+json"


@dataclass(frozen=True)
class Oversized:
    """``body``: it is refused by its body, never a resource; otherwise it is a search."""

    name: str
    reply: Reply
    body: bool


def oversized(client: FhirClient) -> Iterator[Oversized]:
    """Send each in the client's name; none of the bodies is a resource, so that nothing is stored."""
    yield Oversized("_count=1000000000", client.get("Patient?_count=1000000000"), body=False)
    chain = ".".join(["link:Patient"] * _LINKS)
    yield Oversized("a chain of 50 links", client.get(f"Patient?{chain}.family=x&_count=1"), body=False)
    ids = ",".join(f"lab-{n}" for n in range(_IDS))
    form = {"_id": ids, "_count": 1}
    yield Oversized("10,000 values of _id", client.search_by_post("Patient", form), body=False)
    yield Oversized("10,000 values in the address", _long_address(client, ids[:60_000]), body=False)
    deep = b'{"resourceType":"Patient","extension":' + b"[" * _DEPTH + b"]" * _DEPTH + b"}"
    yield Oversized("100,000 nested arrays", _posted(client, deep), body=True)
    bomb = _posted(client, _bomb(), {"Content-Encoding": "gzip"})
    yield Oversized("100 MB of spaces, compressed", bomb, body=True)
    cut = b'{"resourceType":"Patient","language":"' + b"x" * (_BODY - 40)
    yield Oversized("10 MB that is no JSON", _posted(client, cut), body=True)


def _posted(client: FhirClient, body: bytes, headers: dict[str, str] | None = None) -> Reply:
    return client.request("POST", "Patient", headers={"Content-Type": _JSON, **(headers or {})}, body=body)


def _long_address(client: FhirClient, ids: str) -> Reply:
    query = urlencode({"_id": ids}, safe=",")
    headers = (("Accept", _JSON), ("Authorization", client.authorization()))
    url = f"{client.base_url}/Patient?{query}"
    return client.wire.send(Outgoing("GET", url, tuple(pair for pair in headers if pair[1])))


def _bomb() -> bytes:
    packer = zlib.compressobj(6, wbits=31)
    piece = b" " * _MEGABYTE
    return b"".join([*(packer.compress(piece) for _ in range(_UNPACKED)), packer.flush()])

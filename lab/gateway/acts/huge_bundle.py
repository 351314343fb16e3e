"""A search answered by 48 MB that nobody asked for: an application keeps its memory and its head.

Source: five-levels reference, K-08; OWASP API10:2023 (unsafe consumption of APIs).
"""

from collections.abc import Iterator

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage

MEGABYTES = 48
_HEAD = b'{"resourceType":"Bundle","type":"searchset","entry":['
_ENTRY = (
    b'{"resource":{"resourceType":"Basic","id":"huge-%d","code":{"text":"%s"}},"search":{"mode":"match"}}'
)
_FILLING = b"x" * 1_000_000


def _chunks() -> Iterator[bytes]:
    yield _HEAD
    for number in range(MEGABYTES):
        yield (b"," if number else b"") + _ENTRY % (number, _FILLING)
    yield b"]}"


def _flood(_: Stage) -> FhirResponse:
    return FhirResponse(200, chunks=_chunks())


ACT = Act(name="huge-bundle", instead=_flood)

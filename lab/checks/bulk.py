"""Ask a server for a bulk export and read what it gives, bounded in questions, files and addresses.

Questions are asked further and further apart, half a minute in all at most; an export that is not ready then
is *unfinished*.
Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from lab.api import FhirClient, Reply
from lab.checks.address import resolved, same_origin
from lab.checks.security.masked import Resource
from lab.checks.statement import objects

_ASYNC = {"Prefer": "respond-async", "Accept": "application/fhir+json"}
_NDJSON = {"Accept": "application/fhir+ndjson"}
_ACCEPTED, _OK = 202, 200
_AGAIN = frozenset({_ACCEPTED, 429})
"""Not ready yet, and asked too often: the job goes on in both cases."""
_POLLS = 12
_SHORTEST_S = 0.02
_FILES = 4


@dataclass(frozen=True)
class Export:
    """``kickoff`` is the first answer, ``status_url`` where it is followed, ``manifest`` its last answer."""

    kickoff: Reply
    status_url: str = ""
    manifest: Reply | None = None
    files: tuple[str, ...] = field(default=())

    @property
    def accepted(self) -> bool:
        """Tell whether the server took the order."""
        return self.kickoff.status == _ACCEPTED and bool(self.status_url)

    @property
    def finished(self) -> bool:
        """Tell whether its manifest was given."""
        return self.manifest is not None

    @property
    def by_token(self) -> bool:
        """Tell whether the files need a token: without one, their address is itself the key."""
        said = self.manifest.json if self.manifest else None
        return isinstance(said, dict) and said.get("requiresAccessToken") is True


def export(client: FhirClient, path: str, polls: int = _POLLS) -> Export:
    """Order an export and follow it to its manifest."""
    kickoff = client.get(path, headers=_ASYNC)
    location = resolved(f"{client.base_url}/", kickoff.header("content-location") or "")
    if kickoff.status != _ACCEPTED or not same_origin(client.base_url, location):
        return Export(kickoff)
    for number in range(polls):
        reply = client.get(location, headers={"Accept": "application/json"})
        if reply.status not in _AGAIN:
            done = reply.status == _OK
            return Export(kickoff, location, reply if done else None, _files(client, reply) if done else ())
        rest(client, number)
    return Export(kickoff, location)


def rest(client: FhirClient, number: int) -> None:
    """Leave the server alone between two questions about a job, twice as long each time."""
    client.wire.pause(_SHORTEST_S * 2**number)


def lines(reply: Reply) -> Iterator[Resource]:
    """Yield the resources of a file of newline-delimited JSON; what is none is left out."""
    for line in reply.body.splitlines():
        try:
            resource = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(resource, dict):
            yield resource


def fetched(client: FhirClient, url: str) -> Reply:
    """Fetch one file of an export."""
    return client.get(url, headers=_NDJSON)


def cancelled(client: FhirClient, order: Export) -> None:
    """Tell the server that the files of an export are no longer needed."""
    if order.status_url:
        client.delete(order.status_url)


def _files(client: FhirClient, manifest: Reply) -> tuple[str, ...]:
    said = manifest.json if isinstance(manifest.json, dict) else {}
    urls = [item.get("url") for item in objects(said.get("output"))]
    found = [resolved(f"{client.base_url}/", url) for url in urls if isinstance(url, str)]
    return tuple(url for url in found if same_origin(client.base_url, url))[:_FILES]

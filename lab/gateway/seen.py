"""How a client with masks sees an answer: masked, and under versions of its own.

The number and the time of a version would tell of changes that the client may not see. It is given a digest
of the resource as it sees it instead: the same as long as that does not change. A part of a resource
(``_summary``, ``_elements``) has no version.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.fhir.strict_json import Json, canonical, exact, write
from lab.gateway.mask import Mask

_VERSION_HEADERS = frozenset({"etag", "last-modified"})
_PARTS = frozenset({"true", "text", "data"})
_VERSION = re.compile(r"/_history/[^/]*$")
_SINGLE = frozenset(
    {Interaction.READ, Interaction.VREAD, Interaction.CREATE, Interaction.UPDATE, Interaction.DELETE}
)


Times = Callable[[Collection[Json]], Mapping[tuple[str, str], str]]
"""From resources as the server answers them to when they last changed as the client sees them."""


@dataclass(frozen=True)
class Eyes:
    """The ``mask`` of a client, and whether it is shown ``parts`` of resources, or indented JSON."""

    mask: Mask
    times: Times = lambda _: {}
    parts: bool = False
    pretty: bool = False

    def see(self, resource: Json, time: str | None = None) -> Json:
        """Return a resource, which is changed, as the client sees it; ``time`` is that of its version."""
        if resource.get("resourceType") == "OperationOutcome":
            return resource
        seen = self.mask(resource)
        meta = seen.get("meta", {})
        meta.pop("versionId", None)
        meta.pop("lastUpdated", None)
        if not meta:
            seen.pop("meta", None)
        version = {} if self.parts else {"versionId": hashlib.sha256(canonical(seen)).hexdigest()[:20]}
        given = {**version, **({"lastUpdated": time} if time else {})}
        if meta or given:
            seen["meta"] = {**given, **meta}
        return seen

    def see_all(self, resources: Collection[Json]) -> list[Json]:
        """Return resources that are as they are now."""
        times = self.times(resources)
        return [
            self.see(each, times.get((str(each.get("resourceType")), str(each.get("id")))))
            for each in resources
        ]


def eyes_of(request: FhirRequest, mask: Mask, times: Times) -> Eyes:
    """Return how the answer to a request is seen."""
    parts = bool(request.values("_elements")) or not _PARTS.isdisjoint(request.values("_summary"))
    return Eyes(mask, times, parts, request.values("_pretty")[-1:] == ("true",))


def as_seen(answer: FhirResponse, request: FhirRequest, eyes: Eyes) -> FhirResponse:
    """Return the answer to a request as a client with masks sees it."""
    if answer.chunks is not None:
        return replace(answer, chunks=_lines(answer.chunks, eyes))
    headers = tuple(_unversioned(h) for h in answer.headers if h[0] not in _VERSION_HEADERS)
    if not answer.body:
        return replace(answer, headers=headers)
    body = exact(answer.body)
    if "resourceType" not in body:  # the manifest of an export
        return replace(answer, headers=headers)
    if body.get("resourceType") != "Bundle" or request.interaction in _SINGLE:
        (seen,) = eyes.see_all([body])
        return replace(answer, body=write(seen, pretty=eyes.pretty), headers=_versioned(headers, seen))
    _see_bundle(body, eyes)
    return replace(answer, body=write(body, pretty=eyes.pretty), headers=headers)


def _see_bundle(body: Json, eyes: Eyes) -> None:
    """Change the entries of an answer; in that of a transaction, some are answers of searches."""
    entries = [entry for entry in body.get("entry", ()) if "resource" in entry]
    answers = [entry["resource"] for entry in entries if _is_answer(entry)]
    for each in answers:
        _see_bundle(each, eyes)
    plain = [entry for entry in entries if not _is_answer(entry)]
    for entry, seen in zip(plain, eyes.see_all([entry["resource"] for entry in plain]), strict=True):
        entry["resource"] = seen
    for entry in body.get("entry", ()):
        see_response(entry)


def _is_answer(entry: Json) -> bool:
    held = entry["resource"]
    return held.get("resourceType") == "Bundle" and held.get("type") == "searchset" and "id" not in held


def etag(seen: Json) -> str | None:
    """Return the tag of a resource as it is seen; None of what has no version."""
    version = seen.get("meta", {}).get("versionId")
    return None if version is None else f'W/"{version}"'


def see_response(entry: dict[str, Any]) -> None:
    """Leave in the response of an entry what its resource, already as it is seen, says of its version."""
    response, seen = entry.get("response"), entry.get("resource", {})
    if response is None:
        return
    response.pop("lastModified", None)
    response.pop("etag", None)
    tag = etag(seen)
    if tag is not None:
        response["etag"] = tag
    if "location" in response:
        response["location"] = _location(response["location"], seen)


def _lines(chunks: Iterable[bytes], eyes: Eyes) -> Iterator[bytes]:
    for chunk in chunks:
        seen = eyes.see_all([exact(line) for line in chunk.split(b"\n") if line])
        yield b"".join(write(each) + b"\n" for each in seen)


def _versioned(headers: tuple[tuple[str, str], ...], seen: Json) -> tuple[tuple[str, str], ...]:
    tag = etag(seen)
    if tag is None:
        return headers
    named = tuple((n, _location(v, seen) if n == "location" else v) for n, v in headers)
    return (*named, ("etag", tag))


def _unversioned(header: tuple[str, str]) -> tuple[str, str]:
    name, value = header
    return (name, _VERSION.sub("", value)) if name == "location" else header


def _location(address: str, seen: Json) -> str:
    plain = _VERSION.sub("", address)
    version = seen.get("meta", {}).get("versionId")
    return plain if version is None else f"{plain}/_history/{version}"

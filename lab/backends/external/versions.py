"""The headers that name a version of a resource, and the conditions that a request puts on them.

Spec: https://hl7.org/fhir/R4/http.html#versioning and https://hl7.org/fhir/R4/http.html#cread
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from lab.backends.external.refusals import UpstreamError
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.strict_json import Json

_VERSION = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_TAGS = re.compile(rf"{_TAG.pattern}(?:\s*,\s*{_TAG.pattern})*")


def version(resource: Json, headers: Mapping[str, str]) -> str | None:
    """Return the version of a resource: that of its ``meta``, else that of its ETag; None without one."""
    meta = resource.get("meta")
    said = meta.get("versionId") if isinstance(meta, dict) else None
    if said is None:
        match = _TAG.fullmatch(headers.get("etag", "").strip())
        said = match[1] if match else None
    if said is None:
        return None
    if not isinstance(said, str) or not _VERSION.fullmatch(said):
        raise UpstreamError("the version of a resource is no id")
    return said


def naming(resource: Json, headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the headers ETag and Last-Modified of a resource, from its content."""
    found, updated = version(resource, headers), _updated(resource)
    tag = (("etag", f'W/"{found}"'),) if found is not None else ()
    return (*tag, *((("last-modified", format_datetime(updated, usegmt=True)),) if updated else ()))


def not_modified(request: FhirRequest, resource: Json, headers: Mapping[str, str]) -> FhirResponse | None:
    """Return 304 when the client already has this version; If-None-Match goes before If-Modified-Since."""
    tags, since = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
    known = False
    if tags is not None:
        known = tags.strip() == "*" or version(resource, headers) in _TAG.findall(tags)
    elif since is not None and (updated := _updated(resource)) is not None:
        try:
            known = updated <= parsedate_to_datetime(since).astimezone(UTC)
        except (ValueError, OverflowError):
            known = False
    return FhirResponse(304, b"", naming(resource, headers)) if known else None


def check_match(request: FhirRequest, found: str | None) -> None:
    """Verify that the client writes over the version that it has read, or over none if it says so.

    Raises:
        FhirError: 400 for a condition that is no tag, 412 when the version is another one or there is none.
    """
    for header, wanted in (("if-match", True), ("if-none-match", False)):
        tags = request.headers.get(header)
        if tags is None:
            continue
        if tags.strip() != "*" and not _TAGS.fullmatch(tags.strip()):
            raise FhirError(400, "invalid", 'If-Match and If-None-Match are written W/"version", or *.')
        named = found is not None if tags.strip() == "*" else found in _TAG.findall(tags)
        if named is not wanted:
            raise changed()


def changed() -> FhirError:
    """Return the refusal of a write over another version than the one that was read."""
    return FhirError(412, "conflict", "The resource has another version: read it again.")


def _updated(resource: Json) -> datetime | None:
    meta = resource.get("meta")
    said = meta.get("lastUpdated") if isinstance(meta, dict) else None
    try:
        return datetime.fromisoformat(said).astimezone(UTC).replace(microsecond=0) if said else None
    except (ValueError, TypeError):
        return None

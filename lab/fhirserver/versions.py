"""The headers that name a version of a resource, and the conditions that a request puts on them.

Spec: https://hl7.org/fhir/R4/http.html#versioning and https://hl7.org/fhir/R4/http.html#cread
"""

import re
from email.utils import formatdate, parsedate_to_datetime

from lab.fhir.request import FhirRequest
from lab.fhir.response import FHIR_JSON, FhirError, FhirResponse
from lab.fhirserver.storage.store import Stored

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def etag(version: int) -> str:
    """Return the weak tag of a version."""
    return f'W/"{version}"'


def headers(stored: Stored) -> tuple[tuple[str, str], ...]:
    """Return the headers of an answer about one version of a resource."""
    return (
        ("content-type", FHIR_JSON),
        ("etag", etag(stored.version)),
        ("last-modified", formatdate(stored.updated // 1000, usegmt=True)),
    )


def location(request: FhirRequest, stored: Stored) -> tuple[str, str]:
    """Return the header Location of a version."""
    return "location", f"{request.base_url}/{stored.type}/{stored.id}/_history/{stored.version}"


def not_modified(request: FhirRequest, stored: Stored) -> FhirResponse | None:
    """Return 304 when the client already has this version; If-None-Match goes before If-Modified-Since."""
    tags = request.headers.get("if-none-match")
    since = request.headers.get("if-modified-since")
    if tags is not None:
        known = tags.strip() == "*" or str(stored.version) in _TAG.findall(tags)
    elif since is not None:
        try:
            known = stored.updated // 1000 <= int(parsedate_to_datetime(since).timestamp())
        except ValueError:
            known = False
    else:
        known = False
    return FhirResponse(304, b"", headers(stored)[1:]) if known else None


def check_match(request: FhirRequest, stored: Stored | None) -> None:
    """Verify that the client writes over the version that it has read.

    Raises:
        FhirError: 400 for an If-Match that is no tag, 412 when the version is another one or there is none.
    """
    tag = request.headers.get("if-match")
    if tag is None:
        return
    match = _TAG.fullmatch(tag.strip())
    if match is None:
        raise FhirError(400, "invalid", 'The header If-Match is written W/"version".')
    if stored is None or stored.deleted or match[1] != str(stored.version):
        raise FhirError(412, "conflict", "The resource has another version: read it again.")

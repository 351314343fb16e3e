"""The headers that name a version of a resource, and the conditions that a request puts on them.

Spec: https://hl7.org/fhir/R4/http.html#versioning and https://hl7.org/fhir/R4/http.html#cread
"""

import re
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

from lab.fhir.request import FhirRequest
from lab.fhir.response import FHIR_JSON, FhirError, FhirResponse
from lab.fhirserver.storage.stored import Stored

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_TAGS = re.compile(rf"{_TAG.pattern}(?:\s*,\s*{_TAG.pattern})*")


def etag(version: int) -> str:
    """Return the weak tag of a version."""
    return f'W/"{version}"'


def headers(stored: Stored) -> tuple[tuple[str, str], ...]:
    """Return the headers of an answer about one version of a resource."""
    return (
        ("content-type", FHIR_JSON),
        ("etag", etag(stored.version)),
        ("last-modified", _http_date(stored.updated // 1000)),
    )


@lru_cache(maxsize=1024)
def _http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


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
        except (ValueError, OverflowError):
            known = False
    else:
        known = False
    return FhirResponse(304, b"", headers(stored)[1:]) if known else None


def check_match(request: FhirRequest, stored: Stored | None) -> None:
    """Verify that the client writes over the version that it has read, or over none if it says so.

    Raises:
        FhirError: 400 for a condition that is no tag, 412 when the version is another one or there is none.
    """
    there = None if stored is None or stored.deleted else str(stored.version)
    wanted, unwanted = (_named(request, header, there) for header in ("if-match", "if-none-match"))
    if wanted is False:
        raise FhirError(412, "conflict", "The resource has another version: read it again.")
    if unwanted is True:
        raise FhirError(412, "conflict", "The resource is there, in a version that If-None-Match excludes.")


def _named(request: FhirRequest, header: str, version: str | None) -> bool | None:
    """Tell whether a header names the version, ``*`` any; None without the header."""
    tags = request.headers.get(header)
    if tags is None:
        return None
    if tags.strip() == "*":
        return version is not None
    if not _TAGS.fullmatch(tags.strip()):
        raise FhirError(400, "invalid", 'If-Match and If-None-Match are written W/"version", or *.')
    return version in _TAG.findall(tags)

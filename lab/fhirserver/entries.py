"""The entries of a batch or a transaction, as requests; and answers, as entries.

Spec: https://hl7.org/fhir/R4/http.html#transaction
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from lab.fhir.entry_body import entry_body
from lab.fhir.interaction import ALONE, CONTAINERS, Interaction
from lab.fhir.request import FhirRequest, parse
from lab.fhir.response import FhirError, FhirResponse, operation_outcome
from lab.fhir.strict_json import Json, read, write
from lab.fhirserver.bundle import entry
from lab.fhirserver.negotiation import preferences

MAX_ENTRIES = 2000
_CONDITIONS = {
    "ifMatch": "if-match",
    "ifNoneMatch": "if-none-match",
    "ifNoneExist": "if-none-exist",
    "ifModifiedSince": "if-modified-since",
}


@dataclass(frozen=True)
class Entry:
    """One entry as sent: ``method`` and ``url`` relative to the base, ``resource`` if it has one."""

    full_url: str
    method: str
    url: str
    resource: Json | None
    conditions: dict[str, str]


class EntryError(FhirError):
    """The refusal of a whole transaction because of one entry: the answer names the entry and its issues."""

    def __init__(self, n: int, cause: FhirError) -> None:
        super().__init__(cause.status, cause.issue, cause.diagnostics)
        self._n, self._cause = n, cause

    def response(self) -> FhirResponse:
        """Return the answer of the entry, headed by its place."""
        place = f"Bundle.entry[{self._n}]"
        said = operation_outcome(self.issue, f"{place} failed: nothing of the transaction is stored.")
        said["issue"][0]["expression"] = [place]
        said["issue"] += read(self._cause.response().body)["issue"]
        return FhirResponse(self.status, write(said))


def entries(request: FhirRequest) -> list[Entry]:
    """Return the entries of the Bundle in the body.

    Raises:
        FhirError: 400 when the Bundle or the request of an entry is not made as it must be.
    """
    given = read(request.body).get("entry", [])
    if not isinstance(given, list):
        raise FhirError(400, "structure", "Bundle.entry is not an array.")
    if len(given) > MAX_ENTRIES:
        raise FhirError(413, "too-costly", f"A Bundle holds at most {MAX_ENTRIES} entries.")
    return [_entry(each, request.base_url, n) for n, each in enumerate(given)]


def _entry(given: object, base_url: str, n: int) -> Entry:
    if not isinstance(given, dict):
        raise FhirError(400, "structure", f"Bundle.entry[{n}] is not an object.")
    asked = given.get("request")
    if not isinstance(asked, dict) or not all(isinstance(asked.get(x), str) for x in ("method", "url")):
        raise FhirError(400, "required", f"Bundle.entry[{n}].request needs a method and a url.")
    full_url, resource = given.get("fullUrl", ""), given.get("resource")
    if not isinstance(full_url, str) or not isinstance(resource, dict | None):
        raise FhirError(400, "structure", f"Bundle.entry[{n}] is not made as an entry.")
    conditions = {header: str(asked[name]) for name, header in _CONDITIONS.items() if name in asked}
    return Entry(full_url, asked["method"], asked["url"].removeprefix(base_url + "/"), resource, conditions)


def as_request(of: FhirRequest, each: Entry) -> FhirRequest:
    """Return the request that an entry stands for; it inherits what the client accepts and prefers.

    Raises:
        FhirError: as any request; 400 for a Bundle within a Bundle.
    """
    path, _, query = each.url.partition("?")
    inherited = {name: value for name, value in of.headers.items() if name in {"accept", "prefer"}}
    body, media_type = entry_body(each.method, each.resource)
    headers = {"content-type": media_type, **inherited, **each.conditions}
    if not path.strip("/"):
        raise FhirError(400, "not-supported", "An entry cannot be a batch or a transaction.")
    request = parse(each.method, path, query, headers, body, base_url=of.base_url)
    if request.interaction in CONTAINERS:
        raise FhirError(400, "not-supported", "An entry cannot be a batch or a transaction.")
    if request.operation in ALONE or (request.operation and of.interaction is Interaction.TRANSACTION):
        raise FhirError(400, "not-supported", "An export is no entry, nor an operation one of a transaction.")
    return request


def as_entry(of: FhirRequest, each: Entry, answer: FhirResponse) -> bytes:
    """Return the entry that carries an answer; a stored resource comes back only if that is preferred."""
    headers = dict(answer.headers)
    response: dict[str, Any] = {"status": f"{answer.status} {HTTPStatus(answer.status).phrase}"}
    for header, name in (("location", "location"), ("etag", "etag")):
        if header in headers:
            response[name] = headers[header]
    failed = answer.status >= HTTPStatus.BAD_REQUEST
    if failed:
        response["outcome"] = read(answer.body)
    asks = each.method in {"GET", "HEAD"} or "/$" in f"/{each.url}"
    wanted = asks or preferences(of).get("return") == "representation"
    resource = answer.body if wanted and answer.body and not failed else None
    return entry("", resource, response=response)

"""Take a Bundle of requests apart, so that each entry is decided as the request it is.

Spec: https://hl7.org/fhir/R4/http.html#transaction
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from types import MappingProxyType
from typing import Any

from lab.fhir.condition import criteria_of
from lab.fhir.entry_body import entry_body
from lab.fhir.interaction import ALONE, CONTAINERS, Interaction
from lab.fhir.request import FhirRequest, parse
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.strict_json import exact, read, write
from lab.fhir.type_filters import type_filters

MAX_ENTRIES = 1_000
_CONDITIONAL = re.compile(r"(?P<type>[A-Z][A-Za-z]{1,63})\?(?P<query>.+)")


def entries(request: FhirRequest) -> tuple[FhirRequest, ...]:
    """Return the entries of a batch or transaction as requests.

    Raises:
        FhirError: 400 when an entry is not a request of this server, 413 when there are too many.
    """
    return tuple(_entry(request, entry) for entry in _raw(request))


def on_the_way(request: FhirRequest) -> tuple[FhirRequest, ...]:
    """Return what a request reads to be carried out, to be decided like what is asked for.

    A conditional create searches, as does an export with filters; a patch reads the resource, which its tests
    and its answer tell of.

    Raises:
        FhirError: 400 when it cannot be read.
    """
    if request.interaction is Interaction.PATCH and request.id is not None:
        return (parse("GET", f"{request.type}/{request.id}", "", {}, b"", base_url=request.base_url),)
    if request.operation == "$export":
        return type_filters(request)
    said = request.headers.get("if-none-exist")
    if said is None or request.type is None:
        return ()
    query = criteria_of(said, request.type, request.base_url)
    return (parse("GET", request.type, query, {}, b"", base_url=request.base_url),)


def conditional_references(request: FhirRequest) -> tuple[FhirRequest, ...]:
    """Return the searches that a transaction makes to resolve the references of its entries.

    Raises:
        FhirError: 400 when one of them cannot be read, 413 when there are too many.
    """
    matches = (_CONDITIONAL.fullmatch(text) for text in _references(read(request.body)))
    found = dict.fromkeys((match["type"], match["query"]) for match in matches if match)
    if len(found) > MAX_ENTRIES:
        raise FhirError(413, "too-long", f"The Bundle holds more than {MAX_ENTRIES} conditional references.")
    return tuple(parse("GET", type_, query, {}, b"", base_url=request.base_url) for type_, query in found)


async def answer_batch(
    request: FhirRequest, serve: Callable[[FhirRequest], Awaitable[FhirResponse]]
) -> FhirResponse:
    """Answer each entry on its own; one that is refused leaves the others as they are."""
    answered = []
    for entry in _raw(request):
        try:
            answer = await serve(_entry(request, entry))
        except FhirError as error:
            answer = error.response()
        answered.append(_response_entry(answer))
    body = {"resourceType": "Bundle", "type": "batch-response", "entry": answered}
    return FhirResponse(200, write(body))


def _raw(request: FhirRequest) -> list[Any]:
    found = read(request.body).get("entry", [])
    if not isinstance(found, list):
        raise FhirError(400, "structure", "Bundle.entry is not a list.")
    if len(found) > MAX_ENTRIES:
        raise FhirError(413, "too-long", f"The Bundle holds more than {MAX_ENTRIES} entries.")
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "reference" and isinstance(value, str):
                yield value
            else:
                yield from _references(value)


def _entry(container: FhirRequest, entry: Any) -> FhirRequest:
    asked = entry.get("request") if isinstance(entry, dict) else None
    asked = asked if isinstance(asked, dict) else {}
    method, url = asked.get("method"), asked.get("url")
    if not isinstance(method, str) or not isinstance(url, str):
        raise FhirError(400, "required", "An entry lacks request.method or request.url.")
    relative = url.removeprefix(f"{container.base_url}/").removeprefix("/")
    path, _, query = relative.partition("?")
    conditions = {
        header: str(asked[name])
        for name, header in (
            ("ifMatch", "if-match"),
            ("ifNoneMatch", "if-none-match"),
            ("ifModifiedSince", "if-modified-since"),
            ("ifNoneExist", "if-none-exist"),
        )
        if name in asked
    }
    body, media_type = entry_body(method, entry.get("resource"))
    headers = {"content-type": media_type, "accept": "application/fhir+json", **conditions}
    request = parse(method, path, query, MappingProxyType(headers), body, base_url=container.base_url)
    if request.interaction in CONTAINERS:
        raise FhirError(400, "invalid", "A Bundle of requests cannot hold another one.")
    if request.operation in ALONE or (request.operation and container.interaction is Interaction.TRANSACTION):
        raise FhirError(400, "not-supported", "An export is no entry, nor an operation one of a transaction.")
    return request


def _response_entry(answer: FhirResponse) -> dict[str, Any]:
    headers = dict(answer.headers)
    response: dict[str, Any] = {"status": str(answer.status)}
    for name, header in (("location", "location"), ("etag", "etag")):
        if header in headers:
            response[name] = headers[header]
    if not answer.body:
        return {"response": response}
    resource = exact(answer.body)
    if answer.status >= 400:
        return {"response": {**response, "outcome": resource}}
    return {"resource": resource, "response": response}

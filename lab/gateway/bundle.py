"""Take a Bundle of requests apart, so that each entry is decided as the request it is.

Spec: https://hl7.org/fhir/R4/http.html#transaction
"""

from collections.abc import Awaitable, Callable
from types import MappingProxyType
from typing import Any

import orjson

from lab.fhir.interaction import CONTAINERS
from lab.fhir.request import FhirRequest, parse
from lab.fhir.response import FhirError, FhirResponse

MAX_ENTRIES = 1_000


def entries(request: FhirRequest) -> tuple[FhirRequest, ...]:
    """Return the entries of a batch or transaction as requests.

    Raises:
        FhirError: 400 when an entry is not a request of this server, 413 when there are too many.
    """
    return tuple(_entry(request, entry) for entry in _raw(request))


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
    return FhirResponse(200, orjson.dumps(body))


def _raw(request: FhirRequest) -> list[Any]:
    found = orjson.loads(request.body).get("entry", [])
    if not isinstance(found, list):
        raise FhirError(400, "structure", "Bundle.entry is not a list.")
    if len(found) > MAX_ENTRIES:
        raise FhirError(413, "too-long", f"The Bundle holds more than {MAX_ENTRIES} entries.")
    return found


def _entry(container: FhirRequest, entry: Any) -> FhirRequest:
    asked = entry.get("request", {}) if isinstance(entry, dict) else {}
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
    headers = {"content-type": "application/fhir+json", "accept": "application/fhir+json", **conditions}
    body = orjson.dumps(entry["resource"]) if "resource" in entry else b""
    request = parse(method, path, query, MappingProxyType(headers), body, base_url=container.base_url)
    if request.interaction in CONTAINERS:
        raise FhirError(400, "invalid", "A Bundle of requests cannot hold another one.")
    return request


def _response_entry(answer: FhirResponse) -> dict[str, Any]:
    headers = dict(answer.headers)
    response: dict[str, Any] = {"status": str(answer.status)}
    for name, header in (("location", "location"), ("etag", "etag")):
        if header in headers:
            response[name] = headers[header]
    if not answer.body:
        return {"response": response}
    resource = orjson.loads(answer.body)
    if answer.status >= 400:
        return {"response": {**response, "outcome": resource}}
    return {"resource": resource, "response": response}

"""The versions of one resource as a client with masks sees them: those that look different.

They are read whole and shown on one page. A version is known by the digest of what it looks like, and has the
time of the first one that looked so.
Spec: https://hl7.org/fhir/R4/http.html#history
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest, parse
from lab.fhir.response import FHIR_JSON, FhirError, FhirResponse
from lab.fhir.strict_json import Json, exact, write
from lab.gateway.seen import Eyes, etag, see_response

Ask = Callable[[FhirRequest], Awaitable[FhirResponse]]

MOST_VERSIONS = 5_000


async def history(ask: Ask, request: FhirRequest, eyes: Eyes) -> FhirResponse:
    """Answer a history Bundle; what the platform answers when there is none."""
    answer, entries = await _versions(ask, request)
    if entries is None:
        return answer
    shown = list(_different(entries, eyes))
    body = exact(answer.body)
    links = [link for link in body.get("link", ()) if link["relation"] == "self"]
    whole = {**body, "total": len(shown), "link": links, "entry": shown}
    return replace(answer, body=write(whole, pretty=eyes.pretty))


async def version(ask: Ask, request: FhirRequest, eyes: Eyes) -> FhirResponse:
    """Answer the version that looks as its id says; an unknown one as any."""
    past = replace(request, interaction=Interaction.HISTORY_INSTANCE, version=None)
    answer, entries = await _versions(ask, past)
    if entries is None:
        return answer
    for entry in _different(entries, eyes):
        tag = etag(entry.get("resource", {}))
        if tag == f'W/"{request.version}"':
            body = write(entry["resource"], pretty=eyes.pretty)
            return FhirResponse(200, body, (("content-type", FHIR_JSON), ("etag", tag)))
    return await ask(replace(request, version="0"))


async def _versions(ask: Ask, request: FhirRequest) -> tuple[FhirResponse, list[Json] | None]:
    """Return the first page, and the entries of all pages; None when there is no history.

    Raises:
        FhirError: 400 when there are too many.
    """
    first = answer = await ask(replace(request, parameters=()))
    entries: list[Json] = []
    while answer.status == 200:
        body = exact(answer.body)
        entries += body.get("entry", ())
        following = next((link["url"] for link in body.get("link", ()) if link["relation"] == "next"), None)
        if following is None:
            return first, entries
        if len(entries) > MOST_VERSIONS:
            raise FhirError(400, "too-costly", "This history is too long to be shown.")
        parts = urlsplit(following)
        path = parts.path.removeprefix(urlsplit(request.base_url).path)
        answer = await ask(parse("GET", path, parts.query, {}, b"", base_url=request.base_url))
    return answer, None


def _different(entries: Iterable[Json], eyes: Eyes) -> Iterator[Json]:
    """Yield, newest first, the versions that do not look like the one before them in time."""
    seen = [_seen(entry, eyes) for entry in entries]
    for entry, older in zip(seen, [*seen[1:], None], strict=True):
        if older is None or etag(entry.get("resource", {})) != etag(older.get("resource", {})):
            yield entry


def _seen(entry: Json, eyes: Eyes) -> Json:
    """Return an entry with the resource as it was; a deletion has no version to name."""
    if "resource" in entry:
        resource = entry["resource"]
        entry["resource"] = eyes.see(resource, resource.get("meta", {}).get("lastUpdated"))
    see_response(entry)
    return entry

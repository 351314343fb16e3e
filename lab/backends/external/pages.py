"""The pages of a search of the server behind, one after the other: each entry and each link is verified.

Spec: https://hl7.org/fhir/R4/http.html#paging
"""

import logging
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lab.backends.external.refusals import UpstreamError, not_taken
from lab.backends.external.upstream import Upstream, UpstreamAnswer
from lab.fhir.strict_json import Json

MAX_PAGES = 2_000
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """The resources of a page; ``at`` is the link that leads to it, None for the first one."""

    at: str | None
    resources: tuple[Json, ...]
    following: str | None
    total: int | None = None


async def pages(
    upstream: Upstream, type_: str, parameters: Sequence[tuple[str, str]], start: str | None = None
) -> AsyncIterator[Page]:
    """Yield the pages of a search on a type, from the first one or from a link.

    Raises:
        FhirError: 400 when the server refuses the search.
        UpstreamError: something is not as it must be.
    """
    at, seen = start, set[str]()
    for _ in range(MAX_PAGES):
        answer = await (upstream.search(type_, parameters) if at is None else upstream.get(at))
        page = _page(upstream, type_, answer, at)
        yield page
        if page.following is None:
            return
        if page.following in seen:
            raise UpstreamError("its pages go round in a circle")
        seen.add(page.following)
        at = page.following
    raise UpstreamError(f"a search has more than {MAX_PAGES} pages")


async def walked(
    upstream: Upstream, type_: str, parameters: Sequence[tuple[str, str]]
) -> AsyncIterator[Json]:
    """Yield the resources of all the pages of a search."""
    async for page in pages(upstream, type_, parameters):
        for resource in page.resources:
            yield resource


def link_of(bundle: Json, relation: str, upstream: Upstream) -> str | None:
    """Return what follows the base in a link of a Bundle.

    Raises:
        UpstreamError: the link leads to another server.
    """
    for link in _list(bundle.get("link")):
        if isinstance(link, dict) and link.get("relation") == relation:
            url = link.get("url")
            inside = upstream.address.inside(url) if isinstance(url, str) else None
            if inside is None:
                raise UpstreamError(f"its {relation} link leads to another server")
            return inside
    return None


def _page(upstream: Upstream, type_: str, answer: UpstreamAnswer, at: str | None) -> Page:
    if answer.status in {400, 404, 405, 422} and at is None:
        raise not_taken("The server of the hospital does not take that search.")
    bundle = answer.resource if answer.there else None
    if bundle is None or (bundle.get("resourceType"), bundle.get("type")) != ("Bundle", "searchset"):
        raise UpstreamError(f"a search of {type_} got something else than a searchset ({answer.status})")
    total = bundle.get("total")
    return Page(
        at,
        tuple(_resources(bundle, type_)),
        link_of(bundle, "next", upstream),
        total if isinstance(total, int) and not isinstance(total, bool) and total >= 0 else None,
    )


def _resources(bundle: Json, type_: str) -> Iterator[Json]:
    """Yield the matches; what is neither a match nor a warning was not asked for."""
    for entry in _list(bundle.get("entry")):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            raise UpstreamError("an entry of a search has no resource")
        search = entry.get("search")
        mode = search.get("mode", "match") if isinstance(search, dict) else "match"
        if mode == "outcome" and resource.get("resourceType") == "OperationOutcome":
            _check_outcome(resource)
            continue
        id_ = resource.get("id")
        if mode != "match" or resource.get("resourceType") != type_:
            raise UpstreamError(f"a search of {type_} got a resource that it did not ask for")
        if not isinstance(id_, str) or not _ID.fullmatch(id_):
            raise UpstreamError("a resource has no id, or one that is none")
        yield resource


def _check_outcome(outcome: Json) -> None:
    severities = {i.get("severity") for i in _list(outcome.get("issue")) if isinstance(i, dict)}
    if not severities <= {"information", "warning"}:
        raise UpstreamError("a search succeeded with an error in it")
    _LOG.warning("The server behind says something beside a search; it is left out.")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

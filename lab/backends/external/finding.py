"""Find what the view shows of a search: every resource that the server behind gives is checked again here.

Spec: https://hl7.org/fhir/R4/search.html
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lab.backends.external.criteria import criteria
from lab.backends.external.narrowing import Asked, Query, narrowed
from lab.backends.external.pages import pages
from lab.backends.external.refusals import UpstreamError, too_many
from lab.backends.external.sight import Sight
from lab.backends.external.upstream import Upstream
from lab.fhir.request import Parameter
from lab.fhir.strict_json import Json

MAX_FOUND = 1_000
"""Of a search that serves another one: a link of a chain, what refers to matches."""

MAX_SCANNED = 50_000
_PAGE = 500


class Place(NamedTuple):
    """Where a resource was found: the number of the query, the link of the page (None: the first)."""

    query: int
    page: str | None


class Found(NamedTuple):
    """A resource that the view shows, and where it was found."""

    resource: Json
    place: Place


@dataclass
class Finder:
    """Searches of one request; together they look at ``MAX_SCANNED`` resources at most."""

    upstream: Upstream
    sight: Sight
    base_url: str
    scanned: int = field(default=0)

    async def queries(self, type_: str, parameters: Iterable[Parameter], depth: int = 0) -> tuple[Query, ...]:
        """Return the queries of a search on the view."""
        found = await criteria(self.sight, self.base_url, type_, parameters, self.gather, depth)
        return () if found.nothing else narrowed(self.sight, type_, found.asked)

    async def scan(
        self,
        type_: str,
        queries: Sequence[Query],
        more: Sequence[tuple[str, str]] = (),
        start: Place | None = None,
    ) -> AsyncIterator[Found]:
        """Yield what the queries find, none twice, from a page on; ``more`` orders and counts.

        Raises:
            UpstreamError: the server gave what it was not asked for.
        """
        seen: set[str] = set()
        first, link = start or Place(0, None)
        for n, query in enumerate(queries[first:], start=first):
            at = link if n == first else None
            async for page in pages(self.upstream, type_, (*query.parameters, *more), at):
                for resource in page.resources:
                    self._look_at(query, resource)
                    is_new = resource["id"] not in seen
                    if is_new and self.sight.shows(resource) and query.ours(resource):
                        seen.add(str(resource["id"]))
                        yield Found(resource, Place(n, page.at))

    async def gather(
        self, type_: str, parameters: Sequence[Parameter], depth: int = 0, most: int = MAX_FOUND
    ) -> list[Json]:
        """Return all that the view shows of a search.

        Raises:
            FhirError: 400 when that is more than ``most``.
        """
        return await self.all_of(type_, await self.queries(type_, parameters, depth), most)

    async def all_of(self, type_: str, queries: Sequence[Query], most: int = MAX_FOUND) -> list[Json]:
        """Return all that some queries find.

        Raises:
            FhirError: 400 when that is more than ``most``.
        """
        found: list[Json] = []
        async for each in self.scan(type_, queries, (("_count", str(_PAGE)),)):
            found.append(each.resource)
            if len(found) > most:
                raise too_many()
        return found

    async def of_ids(self, type_: str, ids: Iterable[str], most: int = MAX_FOUND) -> list[Json]:
        """Return those of some resources that the view shows; a type that cannot be told shows none."""
        named = frozenset(ids)
        if not named or not self.sight.view.sees(type_):
            return []
        return await self.all_of(type_, narrowed(self.sight, type_, (Asked("_id", "", "_id", named),)), most)

    def _look_at(self, query: Query, resource: Json) -> None:
        self.scanned += 1
        if self.scanned > MAX_SCANNED:
            raise too_many()
        if not query.promised(resource):
            raise UpstreamError("a narrowed search gave a resource that it excludes: it ignores a parameter")

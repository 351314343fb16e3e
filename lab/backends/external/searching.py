"""Search the resources of one type on the view, page by page.

Totals are counted here, over what was checked. An order over several queries is had by asking the server
behind to order what was found, which one query can name.

Spec: https://hl7.org/fhir/R4/http.html#search
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lab.backends.external.criteria import order
from lab.backends.external.desk import Desk
from lab.backends.external.finding import Finder, Found, Place
from lab.backends.external.including import Include, include, included
from lab.backends.external.narrowing import MAX_IDS, Query, by_id
from lab.backends.external.pages import pages
from lab.backends.external.refusals import UpstreamError, not_taken
from lab.backends.external.searchset import searchset, self_link
from lab.backends.external.showing import PARAMETERS as SHOWN
from lab.fhir.page import PARAMETER, gone
from lab.fhir.request import FhirRequest, Parameter
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import View

DEFAULT_COUNT = 50
MAX_COUNT = 1_000
MAX_COUNTED = 20_000
MAX_IN_ORDER_OF_IDS = 5_000
_ONCE = frozenset({"_sort", "_count", "_total", "_summary"})


@dataclass(frozen=True)
class Search:
    """What a client asked: ``criteria`` select, the others say how much, in which order and what with it."""

    parameters: tuple[Parameter, ...]
    criteria: tuple[Parameter, ...]
    count: int
    sort: str
    with_total: bool
    includes: tuple[Include, ...]


async def search(desk: Desk, request: FhirRequest, view: View) -> FhirResponse:
    """Answer a searchset Bundle; the first page of a search or, by its link, a further one."""
    type_ = request.type or ""
    token, parameters, last = _asked(desk, request, view)
    asked = _read(type_, parameters)
    finder = await desk.finder(request, view)
    queries = await finder.queries(type_, asked.criteria)
    total = await _total(finder, type_, queries) if asked.with_total else None
    found, more = await _page(desk, finder, type_, queries, asked, last, token)
    address = f"{request.base_url}/{type_}"
    links = {"self": f"{address}?{PARAMETER}={token}" if token else self_link(address, asked.parameters)}
    if more:
        state = [type_, [(p.name, p.modifier, p.value) for p in asked.parameters], found[-1].resource["id"]]
        following = desk.pages.seal(state, view.binding)
        desk.hints.keep(following, found[-1].place)
        links["next"] = f"{address}?{PARAMETER}={following}"
    matches = [each.resource for each in found]
    others = await included(finder, matches, asked.includes) if asked.includes else []
    return searchset(desk, request, links, matches, others, total)


def _asked(desk: Desk, request: FhirRequest, view: View) -> tuple[str, tuple[Parameter, ...], str | None]:
    """Return the token of a page link, the parameters of its search and the last id before it."""
    tokens = request.values(PARAMETER)
    if not tokens:
        return "", request.parameters, None
    if len(request.parameters) > 1:
        raise FhirError(400, "invalid", "A page link is followed as it is, without other parameters.")
    match desk.pages.unseal(tokens[0], view.binding):
        case [str(of), list(asked), str(last)] if of == request.type:
            return tokens[0], tuple(Parameter(n, v, m) for n, m, v in asked), last
    raise gone()


def _read(type_: str, parameters: Iterable[Parameter]) -> Search:
    """Tell the parameters of a search apart.

    Raises:
        FhirError: 400 for one that is not passed on.
    """
    given = tuple(parameters)
    names = [p.name for p in given]
    if any(names.count(name) > 1 for name in _ONCE):
        raise FhirError(400, "invalid", "A parameter of the result is given more than once.")
    single = {p.name: p.value for p in given if p.name in _ONCE}
    if any(p.modifier is not None for p in given if p.name in _ONCE | SHOWN):
        raise not_taken()
    summary, total = single.get("_summary", "false"), single.get("_total", "none")
    if summary not in {"false", "count"} or "_elements" in names:
        raise not_taken("_summary and _elements are not passed on: what they leave out tells who may see it.")
    if total not in {"none", "estimate", "accurate"}:
        raise FhirError(400, "invalid", "_total takes none, estimate or accurate.")
    count = 0 if summary == "count" else _size(single.get("_count"))
    includes = tuple(include(p) for p in given if p.name in {"_include", "_revinclude"})
    chosen = {*_ONCE, *SHOWN, "_include", "_revinclude"}
    return Search(
        given,
        tuple(p for p in given if p.name not in chosen),
        count,
        order(type_, single["_sort"]) if "_sort" in single else "",
        count == 0 or total == "accurate",
        includes,
    )


def _size(value: str | None) -> int:
    if value is None:
        return DEFAULT_COUNT
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise FhirError(400, "invalid", "_count takes a number.")
    return min(int(value), MAX_COUNT)


async def _total(finder: Finder, type_: str, queries: tuple[Query, ...]) -> int:
    """Count what the view shows: the server behind counts only what is not confined."""
    if finder.sight.whole(type_) and len(queries) == 1:
        async for page in pages(finder.upstream, type_, (*queries[0].parameters, ("_summary", "count"))):
            if page.total is not None:
                return page.total
            break
    return len(await finder.all_of(type_, queries, MAX_COUNTED))


async def _page(
    desk: Desk,
    finder: Finder,
    type_: str,
    queries: tuple[Query, ...],
    asked: Search,
    last: str | None,
    token: str,
) -> tuple[list[Found], bool]:
    """Return the resources of a page, and whether others follow."""
    if not asked.count:
        return [], False
    if finder.sight.view.masks and not asked.sort:
        return await _by_id_of(finder, type_, queries, asked.count, last)
    more = [("_count", str(asked.count + 1))]
    if asked.sort:
        queries = await _ordered(finder, type_, queries)
        more.append(("_sort", asked.sort))
    start = desk.hints.place(token) if token else None
    if start is not None and start.query < len(queries):
        found = await _after(finder, type_, queries, more, start, last, asked.count)
        if found is not None:
            return found[: asked.count], len(found) > asked.count
        desk.hints.drop(token)
    found = await _after(finder, type_, queries, more, None, last, asked.count)
    if found is None:
        raise gone()
    return found[: asked.count], len(found) > asked.count


async def _by_id_of(
    finder: Finder, type_: str, queries: tuple[Query, ...], size: int, last: str | None
) -> tuple[list[Found], bool]:
    """Return a page in the order of the ids: that of the server behind may follow what is masked."""
    found = await finder.all_of(type_, queries, MAX_IN_ORDER_OF_IDS)
    rest = sorted((r for r in found if last is None or r["id"] > last), key=lambda r: str(r["id"]))
    return [Found(r, Place(0, None)) for r in rest[:size]], len(rest) > size


async def _after(
    finder: Finder,
    type_: str,
    queries: tuple[Query, ...],
    more: list[tuple[str, str]],
    start: Place | None,
    last: str | None,
    size: int,
) -> list[Found] | None:
    """Return what comes after a resource, one more than a page; None when that resource does not come."""
    found: list[Found] = []
    begun = last is None
    try:
        async for each in finder.scan(type_, queries, more, start):
            if begun:
                found.append(each)
            elif each.resource["id"] == last:
                begun = True
            if len(found) > size:
                break
    except UpstreamError:
        if start is None:
            raise
        return None  # a link of the server behind that it has forgotten
    return found if begun else None


async def _ordered(finder: Finder, type_: str, queries: tuple[Query, ...]) -> tuple[Query, ...]:
    """Return one query for what several find, so that the server behind can order it.

    Raises:
        FhirError: 400 when they find more than one query can name.
    """
    if len(queries) < 2:
        return queries
    return by_id((), [str(r["id"]) for r in await finder.all_of(type_, queries, MAX_IDS)])

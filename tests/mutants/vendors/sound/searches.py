"""Answer searches: pages with sealed links, totals of the view, includes.

Spec: https://hl7.org/fhir/R4/http.html#search, https://hl7.org/fhir/R4/http.html#paging
"""

from typing import Any
from urllib.parse import urlencode

from tests.mutants.vendors.sound.message import Answer, Json, Refused, said
from tests.mutants.vendors.sound.pages import Pages
from tests.mutants.vendors.sound.parameters import PARAMETERS
from tests.mutants.vendors.sound.resources import Resources
from tests.mutants.vendors.sound.search import CONTROLS, Search
from tests.mutants.vendors.sound.tokens import Caller

_PAGE, _MOST = 20, 200
_WORDS = {
    "_summary": {"true", "text", "data", "count", "false"},
    "_total": {"none", "estimate", "accurate"},
}
Query = list[tuple[str, str]]


class Searches:
    """Turns matches into Bundles."""

    def __init__(self, base: str, search: Search, pages: Pages, resources: Resources) -> None:
        self.base = base
        self.search = search
        self.pages = pages
        self.resources = resources

    def answer(self, caller: Caller, type_: str, query: Query, way: str = "search") -> Answer:
        """Answer a search, or one of its pages."""
        asked = dict(query)
        after: list[str] | None = None
        if "_page" in asked:
            state = self.pages.open(caller.client.id, asked["_page"])
            type_, query, after, way = (
                state["type"],
                [(n, v) for n, v in state["query"]],
                state["after"],
                state["way"],
            )
            asked = dict(query)
        self.check(type_, query)
        size = self.size(asked.get("_count", str(_PAGE)))
        found = self.search.found(caller, type_, query, way)
        key, descending = self.search.sort_key(caller, type_, asked.get("_sort", ""))
        found.sort(key=lambda body: body["id"])
        found.sort(key=key, reverse=descending)
        places = [[key(body), body["id"]] for body in found]
        begin = self.begin(places, after, descending=descending)
        page = found[begin : begin + size]
        bundle: Json = {"resourceType": "Bundle", "type": "searchset"}
        if asked.get("_total") != "none" or asked.get("_summary") == "count":
            bundle["total"] = self.total(caller, type_, found)
        asked_for = f"?{urlencode(query)}" if query else ""
        bundle["link"] = [{"relation": "self", "url": f"{self.base}/{type_}{asked_for}"}]
        if page and begin + size < len(found):
            state = {"type": type_, "query": query, "after": places[begin + size - 1], "way": way}
            url = f"{self.base}/{type_}?_page={self.pages.seal(caller.client.id, state)}"
            bundle["link"].append({"relation": "next", "url": url})
        if asked.get("_summary") != "count":
            brought = self.search.included(caller, query, page)
            entries = [self.entry(caller, body, "match", query, way) for body in page]
            entries += [self.entry(caller, body, "include", [], "include") for body in brought]
            bundle |= {"entry": entries} if entries else {}
        return said(200, bundle)

    def check(self, type_: str, query: Query) -> None:
        """Refuse what is not known before anything is looked up."""
        for name, value in query:
            plain = name.partition(".")[0].partition(":")[0]
            if name not in CONTROLS and plain != "_has" and plain not in PARAMETERS[type_]:
                raise Refused(400, "invalid", "A parameter of this request is not known.")
            if name.startswith(("_include", "_revinclude")):
                self.search.check_link(value)
        asked = dict(query)
        for name, allowed in _WORDS.items():
            if asked.get(name, next(iter(allowed))) not in allowed:
                raise Refused(400, "invalid", "A value of this request cannot be read.")

    def size(self, text: str) -> int:
        """Return the size of a page."""
        if not text.isdigit() or len(text) > 9:
            raise Refused(400, "invalid", "_count cannot be read.")
        return min(int(text), _MOST)

    def begin(self, places: list[list[Any]], after: list[str] | None, *, descending: bool) -> int:
        """Return where a page begins: after a place, wherever that is now."""
        if after is None:
            return 0
        later = (
            (lambda p: (p[0] < after[0]) or (p[0] == after[0] and p[1] > after[1]))
            if descending
            else (lambda p: p > after)
        )
        return next((n for n, place in enumerate(places) if later(place)), len(places))

    def total(self, caller: Caller, type_: str, found: list[Json]) -> int:
        """Return how many matches there are in the view."""
        del caller, type_
        return len(found)

    def entry(self, caller: Caller, body: Json, mode: str, query: Query, way: str) -> Json:
        """Return one entry."""
        shown = self.resources.shown(caller, body, way)
        shown = self.resources.chosen(query, shown, caller, body)
        url = f"{self.base}/{body['resourceType']}/{body['id']}"
        return {"fullUrl": url, "resource": shown, "search": {"mode": mode}}

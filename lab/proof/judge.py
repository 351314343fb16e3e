"""One answer of the gateway judged by what the reference expects.

Spec: ``docs/five-levels.md``
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from lab.proof.grammar.step import Step
from lab.proof.instance import Instance, Received, Sent
from lab.proof.integrity import Snapshot, damage
from lab.proof.reference.answering import Asked, Resource, Status, Unmodelled, Versions, answer
from lab.proof.reference.client import Client
from lab.proof.reference.searching import Found, included
from lab.proof.tally import Tally

Json = dict[str, Any]
REFUSAL = b"A parameter of this request is not available to this application."
_PAGES = 40
_NOTHING: Json = {}
"""What stands for the matches of a further page that has none: only something hidden could follow."""


@dataclass(frozen=True)
class Judge:
    """``instance`` is asked again for the pages that follow one that is judged."""

    client: Client
    instance: Instance
    tally: Tally

    def verdict(self, step: Step, sent_: Sent, before: Snapshot, received: Received) -> str:
        """Return what is wrong with an answer, empty for nothing."""
        if received.status >= 500:
            return f"status {received.status}"
        reads = sent_.method in {"GET", "HEAD"}
        wrong = "" if reads else damage(self.client, before, self.instance.snapshot())
        expected = answer(_asked(sent_), self.client, before.hospital)
        if isinstance(expected, Unmodelled):
            self.tally.unmodelled[f"{step.kind}: {expected.why}"] += 1
            return wrong
        self.tally.modelled += 1
        match expected:
            case Status(of):
                good = received.status in of
                wrong = wrong or ("" if good else f"status {received.status}, expected {sorted(of)}")
            case Resource(body):
                wrong = wrong or self._resource(sent_, body, received)
            case Versions(looks):
                wrong = wrong or self._versions(sent_, looks, received)
            case Found():
                wrong = wrong or self._searchset(step, sent_, expected, received)
        return wrong

    def _versions(self, sent_: Sent, expected: tuple[Json | None, ...], received: Received) -> str:
        if received.status != 200:
            return f"status {received.status}, expected 200"
        if sent_.method == "HEAD":
            return ""
        entries = orjson.loads(received.body).get("entry", [])
        looks = tuple(self._plain(e["resource"]) if "resource" in e else None for e in entries)
        self.tally.expected += len(expected)
        if looks != expected:
            return f"versions: {len(looks)}, expected {len(expected)}, or not as the client sees them"
        self.tally.returned += len(looks)
        return ""

    def _resource(self, sent_: Sent, expected: Json, received: Received) -> str:
        self.tally.expected += 1
        if received.status != 200:
            return f"status {received.status}, expected 200"
        if sent_.method == "HEAD":
            self.tally.returned += 1
            return ""
        if self._plain(orjson.loads(received.body)) != expected:
            return "body: not the resource as the client sees it"
        self.tally.returned += 1
        return ""

    def _plain(self, resource: Json) -> Json:
        """Return a resource without what names its version to a client with masks."""
        if not self.client.masks:
            return resource
        meta = {k: v for k, v in resource.get("meta", {}).items() if k != "versionId"}
        others = {name: value for name, value in resource.items() if name != "meta"}
        return {**others, "meta": meta} if meta else others

    def _searchset(self, step: Step, sent_: Sent, expected: Found, received: Received) -> str:
        refused = received.status == 400 and REFUSAL in received.body
        if refused != expected.masked:
            return "refused without a mask" if refused else "answered although it reads what is masked"
        if refused:
            return ""
        if received.status == 400:
            self.tally.unmodelled["search: refused for its form"] += 1
            return ""
        if received.status != 200:
            return f"status {received.status}, expected 200"
        if sent_.method == "HEAD":
            return ""
        return self._matches(step, sent_, expected, orjson.loads(received.body))

    def _matches(self, step: Step, sent_: Sent, expected: Found, bundle: Json) -> str:
        query = list(_asked(sent_).query)
        shape = dict(query)
        if "total" in bundle and bundle["total"] != len(expected.matches):
            return f"total {bundle['total']}, expected {len(expected.matches)}"
        entries = bundle.get("entry", [])
        if shape.get("_summary") == "count" or shape.get("_count") == "0":
            return "entries although only a count was asked for" if entries else ""
        matches = [e["resource"] for e in entries if e["search"]["mode"] == "match"]
        whole = not shape.keys() & {"_summary", "_elements"}
        wrong = self._includes(query, expected, entries, matches) if whole else ""
        every = [*matches, *self._following(step, sent_, bundle)]
        return wrong or self._whole(shape.get("_sort", ""), expected, every, whole=whole)

    def _whole(self, sort: str, expected: Found, every: list[Json], *, whole: bool) -> str:
        """Judge the matches of all pages together."""
        if _NOTHING in every:
            return "page: a link leads to one without matches"
        ids = [resource["id"] for resource in every]
        self.tally.expected += len(expected.matches)
        twice = len(ids) - len(set(ids))
        if twice or set(ids) != expected.matches.keys():
            more, less = set(ids) - expected.matches.keys(), expected.matches.keys() - set(ids)
            return f"matches: too many {sorted(more)}, missing {sorted(less)}, {twice} twice"
        if sort in {"_id", "-_id"} and ids != sorted(ids, reverse=sort == "-_id"):
            return "order"
        other = [r["id"] for r in every if whole and self._plain(r) != expected.matches[r["id"]]]
        if other:
            return f"body: {other[0]} is not as the client sees it"
        self.tally.returned += len(ids)
        return ""

    def _includes(
        self, query: list[tuple[str, str]], expected: Found, entries: list[Json], matches: list[Json]
    ) -> str:
        seen = {f"{r['resourceType']}/{r['id']}": r for r in expected.view}
        brought = [e["resource"] for e in entries if e["search"]["mode"] == "include"]
        for resource in brought:
            if self._plain(resource) != seen.get(f"{resource['resourceType']}/{resource['id']}"):
                return (
                    f"include: {resource['resourceType']}/{resource['id']} is not in the view, or not as seen"
                )
        asked = [(n, v) for n, v in query if n.partition(":")[0] in {"_include", "_revinclude"}]
        added = [included(expected, matches, name, value) for name, value in asked]
        if any(each is None for each in added):
            self.tally.unmodelled["search: include that iterates, or of anything"] += bool(asked)
            return ""
        wanted = set().union(*(each for each in added if each is not None))
        wanted -= {f"{r['resourceType']}/{r['id']}" for r in matches}
        names = {f"{r['resourceType']}/{r['id']}" for r in brought}
        return "" if names == wanted else f"includes: {sorted(names ^ wanted)}"

    def _following(self, step: Step, sent_: Sent, bundle: Json) -> Iterator[Json]:
        """Yield the matches of the pages that follow."""
        for _ in range(_PAGES):
            link = next((each["url"] for each in bundle["link"] if each["relation"] == "next"), None)
            if link is None:
                return
            page = Sent("GET", sent_.path.removesuffix("/_search"), link.partition("?")[2], sent_.headers)
            bundle = orjson.loads(self.instance.ask(step.number, page).body)
            entries = bundle.get("entry", [])
            matches = [e["resource"] for e in entries if e.get("search", {}).get("mode") == "match"]
            yield from matches or [_NOTHING]


def _asked(sent_: Sent) -> Asked:
    path, query, method = tuple(sent_.path.split("/")), sent_.query, sent_.method
    if method == "POST" and path[-1:] == ("_search",):
        method, path, query = "GET", path[:-1], "&".join(filter(None, (query, sent_.body.decode())))
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    return Asked(method, path, pairs, sent_.headers)

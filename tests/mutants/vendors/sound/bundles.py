"""Batches and transactions: each entry is decided as the request that it is.

Spec: https://hl7.org/fhir/R4/http.html#transaction
"""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from tests.mutants.vendors.sound.message import Answer, Json, Refused, Request, said
from tests.mutants.vendors.sound.store import Store
from tests.mutants.vendors.sound.tokens import Caller

_MOST = 100
_RANKS = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 3, "GET": 4, "HEAD": 5}
_URL = re.compile(r"[A-Z][A-Za-z]+(?:/[A-Za-z0-9.\-_$/]*)?(?:\?.*)?")
Serve = Callable[[Caller, Request], Answer]
Resolve = Callable[[Caller, str], str]


class Bundles:
    """``serve`` answers one entry; ``resolve`` finds what a conditional reference names, in the view."""

    def __init__(self, base: str, store: Store, serve: Serve, resolve: Resolve) -> None:
        self.base = base
        self.store = store
        self.serve = serve
        self.resolve = resolve

    def answer(self, caller: Caller, bundle: Json) -> Answer:
        """Answer a Bundle."""
        kind, entries = bundle.get("type"), bundle.get("entry", [])
        if kind not in {"batch", "transaction"} or not isinstance(entries, list) or len(entries) > _MOST:
            raise Refused(400, "structure", "Expected a batch or a transaction of at most 100 entries.")
        answers = self.batch(caller, entries) if kind == "batch" else self.transaction(caller, entries)
        return said(200, {"resourceType": "Bundle", "type": f"{kind}-response", "entry": answers})

    def batch(self, caller: Caller, entries: list[Any]) -> list[Json]:
        """Answer each entry for itself."""
        answers = []
        for entry in entries:
            try:
                answers.append(_entry(self.serve_entry(caller, self.request(entry), "batch")))
            except Refused as refused:
                answers.append(_entry(refused.answer()))
        return answers

    def serve_entry(self, caller: Caller, request: Request, way: str) -> Answer:
        """Answer one entry."""
        del way
        return self.serve(caller, request)

    def transaction(self, caller: Caller, entries: list[Any]) -> list[Json]:
        """Answer all entries, or none."""
        before = self.store.snapshot()
        try:
            return self.whole(caller, entries)
        except Exception:
            self.undo(before)
            raise

    def undo(self, before: Any) -> None:
        """Go back to what was there."""
        self.store.held = before

    def whole(self, caller: Caller, entries: list[Any]) -> list[Json]:
        """Answer every entry, in the order of the specification."""
        requests = [self.request(entry) for entry in entries]
        order = sorted(range(len(entries)), key=lambda n: _RANKS[requests[n].method])
        answers: dict[int, Json] = {}
        names: dict[str, str] = {}
        for n in order:
            body = self.with_references(caller, requests[n].body, names)
            asked = Request(
                requests[n].method, requests[n].path, requests[n].query, requests[n].headers, body
            )
            answer = self.serve_entry(caller, asked, "transaction")
            location = dict(answer.headers).get("Location", "")
            if answer.status == 201 and isinstance(entries[n].get("fullUrl"), str):
                names[entries[n]["fullUrl"]] = "/".join(location.removeprefix(f"{self.base}/").split("/")[:2])
            answers[n] = _entry(answer)
        return [answers[n] for n in range(len(entries))]

    def with_references(self, caller: Caller, body: bytes, names: dict[str, str]) -> bytes:
        """Return a body with its references to other entries, and its conditional ones, resolved."""
        text = body.decode()
        for name, target in names.items():
            text = text.replace(f'"{name}"', f'"{target}"')
        for found in set(re.findall(r'"reference": "([A-Z][A-Za-z]+\?[^"]+)"', text)):
            text = text.replace(f'"{found}"', f'"{self.resolve(caller, found)}"')
        return text.encode()

    def request(self, entry: Any) -> Request:
        """Return the request that an entry is."""
        asked = entry.get("request") if isinstance(entry, dict) else None
        if not isinstance(asked, dict) or asked.get("method") not in _RANKS:
            raise Refused(400, "structure", "An entry has no request that can be read.")
        url = self.address(str(asked.get("url", "")))
        path, _, query = url.partition("?")
        named = {"ifNoneExist": "if-none-exist", "ifMatch": "if-match", "ifNoneMatch": "if-none-match"}
        headers = [(header, str(asked[name])) for name, header in named.items() if name in asked]
        headers.append(("content-type", "application/fhir+json"))
        body = json.dumps(entry["resource"]).encode() if "resource" in entry else b""
        return Request(asked["method"], f"/fhir/{unquote(path)}", query, tuple(headers), body)

    def address(self, url: str) -> str:
        """Return an address relative to the base."""
        url = url.removeprefix(f"{self.base}/").removeprefix("/")
        if not _URL.fullmatch(url) or "//" in url:
            raise Refused(400, "structure", "The address of an entry cannot be read.")
        return url


def _entry(answer: Answer) -> Json:
    headers = dict(answer.headers)
    response: Json = {"status": str(answer.status)}
    response |= {
        name: headers[header]
        for name, header in (("etag", "ETag"), ("location", "Location"))
        if header in headers
    }
    body = json.loads(answer.body) if answer.body else None
    if answer.status >= 400:
        return {"response": {**response, "outcome": body}}
    return {"response": response, **({"resource": body} if body else {})}

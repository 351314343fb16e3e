"""Reads and searches at the hospital: token in the header, pages followed as given, refusals respected.

Specs: https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/search.html, RFC 6750.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from tableau_urgences.events import event
from tableau_urgences.fhir import JSON, allows, items, last_updated, part, text
from tableau_urgences.hospital.capabilities import Capabilities
from tableau_urgences.hospital.questions import Asked, Deleted, Denied, Found, Gone, Rejected, TooLarge
from tableau_urgences.hospital.tokens import Token, TokenSource, issues
from tableau_urgences.hospital.transport import Answer, HospitalError, Transport, http_date

MAX_PAGES = 500
MAX_REDIRECTS = 3
REJECTED_S = 3.0
MAX_REJECTED_S = 3600.0
_KEEPS_METHOD = {307, 308}


class HospitalClient:
    """One hospital, seen through one registration; used by one task at a time."""

    def __init__(self, base_url: str, transport: Transport, tokens: TokenSource) -> None:
        self.base_url = base_url
        self.transport = transport
        self.tokens = tokens
        self.capabilities = Capabilities(base_url, transport)
        self._refused: dict[str, tuple[int, HospitalError]] = {}
        self._rejected: dict[str, tuple[float, float, HospitalError]] = {}

    async def search(self, type_: str, parameters: Mapping[str, str], *, private: bool = False) -> Found:
        """Return every match of a search. ``private`` sends the parameters in a form, not in the URL.

        Raises:
            HospitalError: the search as a whole has no answer.
        """
        if missing := await self.capabilities.missing(type_, parameters):
            event("not_offered", type=type_, names=missing)
            raise Rejected(f"{type_}: no search by {', '.join(missing)}")
        url = f"{self.base_url}/{type_}"
        first = Asked("POST", f"{url}/_search", form=parameters) if private else Asked("GET", url, parameters)
        answer = await self.ask(type_, "s", first)
        self._notice_ignored(type_, parameters, answer.content)
        found = Found(asked_at=last_updated(answer.content) or http_date(answer.headers.get("date", "")))
        seen: set[str] = set()
        while True:
            self._collect(type_, answer.content, found)
            next_url = self.next_url(answer)
            if next_url is None:
                return found
            ours = self.is_ours(next_url)
            if next_url in seen or len(seen) >= MAX_PAGES or not ours:
                event("paging_stopped", type=type_, pages=len(seen) + 1, own_origin=ours)
                found.complete = False
                return found
            seen.add(next_url)
            answer = await self.ask(type_, "s", Asked("GET", next_url))

    async def read(self, type_: str, id_: str, etag: str = "") -> Answer:
        """Read one resource; the answer is 304 when the version of ``etag`` is still the current one."""
        return await self.ask(type_, "r", Asked("GET", f"{self.base_url}/{type_}/{id_}", etag=etag))

    def next_url(self, answer: Answer) -> str | None:
        """Return the next link exactly as the hospital gave it, None on the last page."""
        for link in items(answer.content, "link"):
            if text(link, "relation") == "next" and text(link, "url"):
                url = text(link, "url")
                return url if "://" in url else urljoin(answer.url, url)
        return None

    def is_ours(self, url: str) -> bool:
        """Tell whether the URL has the origin of the hospital: our token goes nowhere else."""
        try:
            return _origin(url) == _origin(self.base_url)
        except (httpx.InvalidURL, ValueError):
            return False

    async def ask(self, type_: str, action: str, asked: Asked) -> Answer:
        """Send one authorised request; a 401 renews the token and repeats the request once.

        Raises:
            HospitalError: any answer but 200 and 304.
        """
        token = await self.tokens.token()
        self._check_open(type_, action, token)
        answer = await self._authorised(token, asked)
        if answer.status == 401:
            event("token_rejected", type=type_)
            token = await self.renew(token)
            answer = await self._authorised(token, asked)
        self._judge(type_, token, answer)
        return answer

    async def renew(self, token: Token) -> Token:
        """Return another token than the one the hospital rejected."""
        self.tokens.forget(token)
        return await self.tokens.token()

    def address(self, url: str, token: Token) -> str:
        """Return the URL to call: the one given, the token has no place in it."""
        del token
        return url

    async def _authorised(self, token: Token, asked: Asked) -> Answer:
        """Send a request, following redirects that keep the method and stay within the hospital."""
        for _ in range(MAX_REDIRECTS + 1):
            if not self.is_ours(asked.url):
                raise Rejected("led to another origin than the hospital's")
            answer = await self.transport.send(partial(self._request, token, asked))
            if answer.status not in _KEEPS_METHOD:
                return answer
            asked = replace(asked, url=urljoin(answer.url, answer.headers.get("location", "")), params=None)
        raise Rejected("redirected too many times")

    def _request(self, token: Token, asked: Asked) -> httpx.Request:
        headers = {"Accept": "application/fhir+json", "Authorization": f"Bearer {token.value}"}
        if asked.etag:
            headers["If-None-Match"] = asked.etag
        url = self.address(asked.url, token)
        return self.transport.build(asked.method, url, headers=headers, params=asked.params, form=asked.form)

    def _check_open(self, type_: str, action: str, token: Token) -> None:
        """Leave a refused type alone until a new token may have changed what we are allowed.

        A type of which the hospital did not accept a question is left alone for longer each time.
        """
        serial, reason = self._refused.get(type_, (0, None))
        if reason is not None and serial == token.serial:
            raise reason
        until, _, reason = self._rejected.get(type_, (0.0, 0.0, None))
        if reason is not None and time.monotonic() < until:
            raise reason
        if not allows(token.scope, type_, action, granular=True):
            raise Denied(f"no scope for {type_}")

    def _judge(self, type_: str, token: Token, answer: Answer) -> None:
        status = answer.status
        if status in {200, 304}:
            self._rejected.pop(type_, None)
            return
        event("refused", type=type_, status=status, issues=issues(answer))
        if status == 404:
            raise Gone(f"{type_}: {status}")
        if status == 410:
            raise Deleted(f"{type_}: {status}")
        if status == 413:
            raise TooLarge(f"{type_}: {status}")
        if status == 401:
            self.tokens.forget(token)
            raise HospitalError("the new token was rejected too")
        if status == 403:
            refusal = Denied(type_)
            self._refused[type_] = (token.serial, refusal)
            raise refusal
        rejection = Rejected(f"{type_}: {status}")
        _, last, _ = self._rejected.get(type_, (0.0, REJECTED_S / 2, None))
        pause = min(MAX_REJECTED_S, 2 * last)
        self._rejected[type_] = (time.monotonic() + pause, pause, rejection)
        raise rejection

    def _collect(self, type_: str, bundle: JSON, found: Found) -> None:
        """Keep the matches of a page; what came along (include) is not asked for and not kept."""
        for entry in items(bundle, "entry"):
            resource = part(entry, "resource")
            mode = text(part(entry, "search"), "mode")
            if mode == "outcome" or text(resource, "resourceType") == "OperationOutcome":
                event("search_outcome", issues=issues(Answer(200, content=resource)))
            elif mode in {"", "match"} and text(resource, "resourceType") == type_:
                found.resources.append(resource)

    def _notice_ignored(self, type_: str, parameters: Mapping[str, str], bundle: JSON) -> None:
        """Log the parameters that the self link does not repeat: the hospital ignored them."""
        for link in items(bundle, "link"):
            if text(link, "relation") == "self":
                query = urlsplit(text(link, "url")).query
                understood = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
                if ignored := sorted(set(parameters) - understood - {"_count"}):
                    event("parameters_ignored", type=type_, names=ignored)


def _origin(url: str) -> tuple[str, str, int | None]:
    parsed = httpx.URL(url)
    return parsed.scheme, parsed.host, parsed.port

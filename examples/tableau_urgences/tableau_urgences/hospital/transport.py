"""Sends a request and copes with what networks and busy servers do: waits, repeats, gives up.

Specs: RFC 9110 section 10.2.3 (Retry-After), RFC 6585 (429).
"""

import asyncio
import json
import random
import re
import ssl
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime

import httpx

from tableau_urgences import VERSION
from tableau_urgences.events import event
from tableau_urgences.fhir import JSON

USER_AGENT = f"ExempleSante/tableau-urgences/{VERSION}"
MAX_TRIES = 6
MAX_BODY = 16_000_000
EXCHANGE_TIMEOUT_S = 30
_SECONDS = re.compile(r"[0-9]{1,9}")
_SAME_CLOCK = (timedelta(seconds=-1.5), timedelta(seconds=0.5))


class HospitalError(Exception):
    """Something the hospital answered, or did not, that stops what was being asked."""


class Unavailable(HospitalError):  # noqa: N818 - a state of the hospital
    """The hospital gave no usable answer, after every try."""


class _Unreadable(Exception):  # noqa: N818 - a fault like a cut connection
    pass


@dataclass(frozen=True)
class Answer:
    """``content`` is the JSON object of the body, empty when an error carried none; never half a body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: JSON = field(default_factory=dict)
    url: str = ""

    @property
    def transient(self) -> bool:
        """Tell whether the same request may be answered later."""
        return self.status == 429 or self.status >= 500


def open_http() -> httpx.AsyncClient:
    """Return the HTTP client: certificates verified (SSL_CERT_FILE is honoured), no redirect followed."""
    return httpx.AsyncClient(
        verify=ssl.create_default_context(),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(10, connect=5),
        headers={"User-Agent": USER_AGENT},
    )


class Transport:
    """Every request goes through here, so that a wait the hospital asks for is shared by the whole client."""

    def __init__(self, http: httpx.AsyncClient, first_wait_s: float, max_tries: int = MAX_TRIES) -> None:
        self._http = http
        self._first_wait_s = first_wait_s
        self._max_tries = max_tries
        self._offset = timedelta()
        self._resume_at = 0.0

    def now(self) -> datetime:
        """Return the time by the hospital's clock, as its last Date header told it."""
        return datetime.now(UTC) + self._offset

    def build(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        """Return a request with its own X-Request-Id; ``form`` makes it a form POST."""
        identified = {**headers, "X-Request-Id": str(uuid.uuid4())}
        return self._http.build_request(method, url, params=params, data=form, headers=identified)

    async def send(self, build: Callable[[], httpx.Request]) -> Answer:
        """Send what ``build`` makes, anew at each try, until an answer is not transient.

        Raises:
            Unavailable: after the last try.
        """
        tried = 0
        while True:
            tried += 1
            await asyncio.sleep(max(0.0, self._resume_at - time.monotonic()))
            answer: Answer | None = None
            try:
                answer = await self.exchange(build())
                if not answer.transient:
                    return answer
                fault = f"status {answer.status}"
            except (httpx.RequestError, TimeoutError, _Unreadable) as error:
                fault = type(error).__name__.strip("_")
            wait = self.wait(tried, answer)
            if wait is None:
                raise Unavailable(fault)
            event("waiting", fault=fault, tried=tried, seconds=round(wait, 1))
            self._resume_at = time.monotonic() + wait

    def wait(self, tried: int, answer: Answer | None) -> float | None:
        """Return how long to wait before the next try, in seconds, or None to give up.

        What the hospital asks for is obeyed; otherwise the wait doubles, with jitter so that the clients of
        one hospital do not come back together.
        """
        if tried >= self._max_tries:
            return None
        asked = self._retry_after(answer.headers.get("retry-after", "")) if answer else None
        if asked is not None:
            return asked
        return self._first_wait_s * 2.0 ** (tried - 1) * random.uniform(1, 1.25)  # noqa: S311 - no secret

    def _retry_after(self, value: str) -> float | None:
        if _SECONDS.fullmatch(value):
            return float(value)
        moment = http_date(value)
        return max(0.0, (moment - self.now()).total_seconds()) if moment else None

    async def exchange(self, request: httpx.Request) -> Answer:
        """Send one request once, and read its whole body within bounds of time and size."""
        async with asyncio.timeout(EXCHANGE_TIMEOUT_S):
            response = await self._http.send(request, stream=True)
            try:
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_BODY:
                        raise HospitalError("the answer is larger than 16 MB")
            finally:
                await response.aclose()
        self._set_clock(response.headers.get("date", ""))
        content = self.content(response.status_code, bytes(body))
        return Answer(response.status_code, response.headers, content, str(request.url))

    def content(self, status: int, body: bytes) -> JSON:
        """Return the JSON object of a body; a page of HTML that a proxy put there is a fault, not a crash."""
        try:
            document = json.loads(body, parse_float=Decimal)  # 1.010 is not 1.01
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, dict):
            return document
        if status == 200:
            raise _Unreadable
        return {}

    def _set_clock(self, date: str) -> None:
        """Keep the difference of the clocks, unless it is only the Date header's lack of fractions."""
        moment = http_date(date)
        if moment is not None:
            drift = moment - datetime.now(UTC)
            same = _SAME_CLOCK[0] <= drift <= _SAME_CLOCK[1]
            self._offset = timedelta() if same else drift + timedelta(seconds=0.5)


def http_date(value: str) -> datetime | None:
    """Return the moment of an HTTP header, None when it is not one."""
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

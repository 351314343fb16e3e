"""A JSON Web Key Set at an address, fetched when it is needed and kept no longer than its server allows.

What cannot be fetched holds no key: a stale set is never used. An unknown kid is looked for again, but not
more often than every few seconds, so that whoever invents kids makes no traffic.
Specs: SMART App Launch 2.2 (client-confidential-asymmetric, JWKS by URL), RFC 9111 sections 4.2 and 5.2.2
"""

import asyncio
import re
import ssl
import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from lab.authserver.json_web_key import named
from lab.authserver.key_file import MOST_BYTES, NO_KEYS, read_key_set

LONGEST_S = 300.0
PAUSE_S = 5.0
TIMEOUT_S = 2.0
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=\"?(\d{1,9})", re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|[,\s])(?:no-store|no-cache)(?:$|[,\s=])", re.IGNORECASE)


class KeyAddress:
    """The key set of one registered address."""

    def __init__(
        self,
        url: str,
        trusted: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the address; nothing is fetched yet.

        Raises:
            ValueError: one sentence, when the address may be read or changed on its way.
        """
        if not _is_safe(url):
            raise ValueError(
                f"The JWKS address {url!r} is neither https nor on this machine: anybody on the way could "
                "replace the keys. Give an https address."
            )
        self.url = url
        self._trusted = trusted
        self._clock = clock
        self._keys = self._given = NO_KEYS
        self._until = self._fetched = self._failed_until = float("-inf")
        self._lock = asyncio.Lock()

    async def keys(self, kid: str) -> Mapping[str, Any]:
        """Return the keys to look the kid up in, fetched when it is due."""
        asked = self._clock()
        async with self._lock:
            if self._fetched > asked:  # somebody fetched while this one waited
                return self._given
            now = self._clock()
            paused = bool(named(self._keys, kid)) or now < self._fetched + PAUSE_S
            if now < self._failed_until or (now < self._until and paused):
                return self._fresh()
            self._given = await self._fetch()
            return self._given

    def _fresh(self) -> Mapping[str, Any]:
        return self._keys if self._clock() < self._until else NO_KEYS

    async def _fetch(self) -> Mapping[str, Any]:
        """Return what the address gives; after a failure, what is still fresh, and a pause."""
        begun = self._clock()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                self._keys, lasting = await self._get()
        except (httpx.HTTPError, TimeoutError, OSError, _Refused):
            self._failed_until = self._clock() + PAUSE_S
            return self._fresh()
        else:
            self._until = begun + lasting
            return self._keys  # also when it may not be kept: it is fetched again for the next assertion
        finally:
            self._fetched = self._clock()

    async def _get(self) -> tuple[Mapping[str, Any], float]:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        async with (
            httpx.AsyncClient(trust_env=False, verify=self._trusted or True, timeout=TIMEOUT_S) as http,
            http.stream("GET", self.url, headers=headers, follow_redirects=False) as reply,
        ):
            if reply.status_code != 200 or reply.headers.get("content-encoding", "identity") != "identity":
                raise _Refused
            text = b""
            async for chunk in reply.aiter_raw():
                text += chunk
                if len(text) > MOST_BYTES:
                    raise _Refused
            return read_key_set(text), lifetime(reply.headers)


class _Refused(Exception):  # noqa: N818 - never leaves this file
    pass


def lifetime(headers: Mapping[str, str]) -> float:
    """Return how many seconds a fetched set may be kept."""
    control = headers.get("cache-control", "")
    if _NOT_KEPT.search(control) or ("max-age" in control.lower() and not _MAX_AGE.search(control)):
        return 0.0
    ages = [int(age) for age in _MAX_AGE.findall(control)]
    age = headers.get("age", "0")
    spent = int(age) if age.isascii() and age.isdigit() else 0
    return max(0.0, min([LONGEST_S, *(seconds - spent for seconds in ages)]))


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.username or parts.fragment or not host:
            return False
        return parts.scheme == "https" or (parts.scheme == "http" and ip_address(host).is_loopback)
    except ValueError:
        return False

"""One exchange with the server behind: bounded in time and size, no redirect, nothing but unambiguous JSON.

Spec: https://hl7.org/fhir/R4/http.html
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode

import httpx

from lab.backends.external.address import Address
from lab.backends.external.refusals import UpstreamError, overdue
from lab.fhir import strict_json
from lab.fhir.response import FhirError
from lab.fhir.strict_json import Json

_JSON = frozenset({"application/fhir+json", "application/json"})
_ANSWERS = frozenset({200, 201})
_KNOWN = _ANSWERS | {204, 400, 404, 405, 409, 410, 412, 422}
_LARGE = 200_000
_NONE: Mapping[str, str] = MappingProxyType({})
MAX_BYTES = strict_json.MAX_BODY


@dataclass(frozen=True)
class UpstreamAnswer:
    """``resource`` is the body of a success, if there is one; that of a refusal is never read."""

    status: int
    headers: Mapping[str, str]
    resource: Json | None = None

    @property
    def there(self) -> bool:
        """Tell whether the answer is a success with a resource."""
        return self.status in _ANSWERS and self.resource is not None


class Upstream:
    """The server behind, over connections that are kept."""

    def __init__(self, at: Address, *, limit_s: float = 10.0, max_bytes: int = MAX_BYTES) -> None:
        """Give up an answer that takes longer than ``limit_s`` seconds or has more than ``max_bytes``."""
        self.address = at
        self._limit_s, self._max_bytes = limit_s, max_bytes
        self._http = httpx.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            timeout=limit_s,
            # Shorter than what servers keep: a connection closed while it is taken again is a failure.
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=2.0),
        )

    async def get(self, path: str) -> UpstreamAnswer:
        """Read; ``path`` follows the base, with its first ``/`` or ``?``."""
        return await self.send("GET", path)

    async def search(self, type_: str, parameters: Sequence[tuple[str, str]]) -> UpstreamAnswer:
        """Search by POST: long lists of ids have room, and no name of a patient is in a log of URLs."""
        headers = {"content-type": "application/x-www-form-urlencoded", "prefer": "handling=strict"}
        return await self.send("POST", f"/{type_}/_search", urlencode(parameters).encode(), headers)

    async def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] = _NONE
    ) -> UpstreamAnswer:
        """Send one request.

        Raises:
            UpstreamError: no answer, or none that may be believed.
        """
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._send(method, path, body, headers)
        except (TimeoutError, httpx.TimeoutException):
            raise overdue() from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise UpstreamError(f"the exchange failed: {type(error).__name__}") from None

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> UpstreamAnswer:
        sent = {
            **dict(self.address.headers),
            "accept": "application/fhir+json",
            "accept-encoding": "identity",
            "cache-control": "no-cache",  # HAPI would repeat the result of a minute ago
            **headers,
        }
        url = f"{self.address.base}{path}"
        async with self._http.stream(method, url, content=body or None, headers=sent) as answer:
            status = answer.status_code
            if status not in _KNOWN:
                raise UpstreamError(f"it answered {status}")
            known = MappingProxyType({name.lower(): value for name, value in answer.headers.items()})
            if status not in _ANSWERS:
                return UpstreamAnswer(status, known)
            read = await self._read(answer)
        if not read:
            return UpstreamAnswer(status, known)
        _check_media_type(known.get("content-type", ""))
        resource = await asyncio.to_thread(_parsed, read) if len(read) > _LARGE else _parsed(read)
        return UpstreamAnswer(status, known, resource)

    async def _read(self, answer: httpx.Response) -> bytes:
        chunks, size = [], 0
        async for chunk in answer.aiter_bytes():
            size += len(chunk)
            if size > self._max_bytes:
                raise UpstreamError(f"it answered more than {self._max_bytes} bytes")
            chunks.append(chunk)
        return b"".join(chunks)


def _check_media_type(said: str) -> None:
    kind, *parameters = (part.strip().lower() for part in said.split(";"))
    charset = [p.partition("=")[2].strip('"') for p in parameters if p.startswith("charset=")]
    if kind not in _JSON or any(c not in {"utf-8", "utf8"} for c in charset):
        raise UpstreamError("it answered in another format than FHIR JSON in UTF-8")


def _parsed(body: bytes) -> Json:
    try:
        return strict_json.read(body)
    except FhirError as error:
        raise UpstreamError(f"its JSON is not to be believed: {error.diagnostics}") from None

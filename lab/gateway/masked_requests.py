"""Requests of a client with masks that speak of versions, or write: in its own versions, hidden parts kept.

Spec: https://hl7.org/fhir/R4/http.html#concurrency
"""

import re
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from lab.backends.backend import Backend
from lab.fhir.element_path import ElementPath
from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest, parse
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.strict_json import Json, exact, read, write
from lab.fhir.view import View
from lab.gateway.mask import Mask
from lab.gateway.masked_history import history, version
from lab.gateway.seen import Eyes, as_seen, eyes_of
from lab.gateway.write_back import NotAsSeenError, write_back

_CONDITIONS = frozenset({"if-match", "if-none-match", "if-modified-since"})
_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_NO_VERSION = 'W/"0"'
"""A condition that no resource meets."""
_TRIES = 5


class MaskedWriteError(Exception):
    """Something was sent in place of what is masked: a refusal of level 5."""


@dataclass(frozen=True)
class Masked:
    """The backend as a client with masks sees it; ``paths`` are those that its ``mask`` is made of."""

    backend: Backend
    view: View
    mask: Mask
    paths: tuple[ElementPath, ...]

    async def answer(self, request: FhirRequest) -> FhirResponse:
        """Answer a request that the levels allow.

        Raises:
            MaskedWriteError: it writes in place of what is masked.
            FhirError: its body cannot be read.
        """
        eyes = eyes_of(request, self.mask, partial(self.backend.seen_times, self.view))
        match request.interaction:
            case Interaction.HISTORY_INSTANCE:
                return await history(self._ask, request, replace(eyes, parts=False))
            case Interaction.VREAD:
                answer = await version(self._ask, request, replace(eyes, parts=False))
            case Interaction.UPDATE if request.id is not None:
                answer = as_seen(await self._update(request), request, eyes)
            case Interaction.DELETE if "if-match" in request.headers and request.id is not None:
                answer = as_seen(await self._delete(request), request, eyes)
            case _:
                answer = as_seen(await self._ask(_unconditional(request)), request, eyes)
        return _not_modified(request, answer) or answer

    async def _ask(self, request: FhirRequest) -> FhirResponse:
        return await self.backend.answer(request, self.view)

    async def _update(self, request: FhirRequest) -> FhirResponse:
        """Write over what is stored, whose hidden part stays; over nothing, as anybody does.

        Each try writes over the version that it has read, or over none.
        """
        sent = read(request.body)
        named = (sent.get("resourceType"), sent.get("id")) == (request.type, request.id)
        for _ in range(_TRIES):
            stored, tag = await self._stored(request)
            met = self._is_met(request, stored)
            if not met or not named or not isinstance(sent.get("meta", {}), dict):
                # The platform refuses it: for what is wrong with it, or because no version has that tag.
                return await self._ask(_with(request, {"if-match": _NO_VERSION}))
            if stored is None:
                answer = await self._ask(_with(request, {"if-none-match": "*"}))
            else:
                try:
                    body = write(write_back(stored, self._look(stored), sent, self.paths))
                except NotAsSeenError as error:
                    raise MaskedWriteError from error
                answer = await self._ask(replace(_with(request, {"if-match": tag}), body=body))
            if answer.status != 412:
                return answer
        raise FhirError(503, "transient", "The resource is being written by others: try again.")

    async def _delete(self, request: FhirRequest) -> FhirResponse:
        """Delete the version that the tag of the client stands for."""
        stored, tag = await self._stored(request)
        met = stored is not None and self._is_met(request, stored)
        return await self._ask(_with(request, {"if-match": tag if met else _NO_VERSION}))

    async def _stored(self, request: FhirRequest) -> tuple[Json | None, str]:
        """Return what is stored under the id in the view, with its tag."""
        path = f"{request.type}/{request.id}"
        answer = await self._ask(parse("GET", path, "", {}, b"", base_url=request.base_url))
        if answer.status != 200:
            return None, ""
        return exact(answer.body), dict(answer.headers)["etag"]

    def _look(self, stored: Json) -> Json:
        return Eyes(self.mask).see(deepcopy(stored))

    def _is_met(self, request: FhirRequest, stored: Json | None) -> bool:
        """Tell whether the conditions of a write hold of what is stored, in the versions of the client."""
        named = None if stored is None else str(self._look(stored)["meta"]["versionId"])
        wanted = _names(request.headers.get("if-match"), named)
        return wanted is not False and _names(request.headers.get("if-none-match"), named) is not True


def _with(request: FhirRequest, headers: dict[str, str]) -> FhirRequest:
    """Return the request under other conditions."""
    others = {n: v for n, v in request.headers.items() if n not in _CONDITIONS}
    return replace(request, headers=MappingProxyType({**others, **headers}))


def _unconditional(request: FhirRequest) -> FhirRequest:
    return request if _CONDITIONS.isdisjoint(request.headers) else _with(request, {})


def _names(condition: str | None, named: str | None) -> bool | None:
    """Tell whether a header names the version, ``*`` any; None without the header."""
    if condition is None:
        return None
    if condition.strip() == "*":
        return named is not None
    return named in _TAG.findall(condition)


def _not_modified(request: FhirRequest, answer: FhirResponse) -> FhirResponse | None:
    """Return 304 when the client already has what it would be shown."""
    condition, tag = request.headers.get("if-none-match"), dict(answer.headers).get("etag")
    if request.method not in {"GET", "HEAD"} or answer.status != 200 or tag is None:
        return None
    known = _names(condition, tag.removeprefix('W/"').removesuffix('"'))
    return FhirResponse(304, b"", (("etag", tag),)) if known else None

"""Holes planted in the gateway, to see that the engines fall into them."""

from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest

from lab.fhir.cohort import WHOLE
from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirResponse
from lab.fhir.view import EVERYTHING
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.storage.catalogue import served_types
from lab.gateway import level5_attributes, ruling

_ANSWER = EmbeddedBackend.answer


def _behind(patch: pytest.MonkeyPatch, answer) -> None:
    patch.setattr(EmbeddedBackend, "answer", answer)


def _wider(view, type_):
    """Every type whole, but the one asked for."""
    return replace(view, cohorts={**dict.fromkeys(served_types("R4"), WHOLE), type_: view.cohort(type_)})


def id_search(patch: pytest.MonkeyPatch) -> None:
    """A search by ``_id`` is not confined."""

    async def answer(self, request, view):
        open_ = request.interaction is Interaction.SEARCH_TYPE and request.values("_id")
        seen = replace(view, cohorts={**view.cohorts, request.type: WHOLE}) if open_ else view
        return await _ANSWER(self, request, seen if request.type in view.cohorts else view)

    _behind(patch, answer)


def total(patch: pytest.MonkeyPatch) -> None:
    """The total counts what is hidden."""

    async def answer(self, request, view):
        found = await _ANSWER(self, request, view)
        if view.unrestricted or b'"total":' not in found.body or not request.values("_total"):
            return found
        every = orjson.loads((await _ANSWER(self, request, EVERYTHING)).body)
        body = {**orjson.loads(found.body), "total": every.get("total", 0)}
        return replace(found, body=orjson.dumps(body))

    _behind(patch, answer)


def chain(patch: pytest.MonkeyPatch) -> None:
    """Chains look at types outside the view."""

    async def answer(self, request, view):
        open_ = any("." in p.name for p in request.parameters) and view.sees(request.type or "")
        return await _ANSWER(self, request, _wider(view, request.type) if open_ else view)

    _behind(patch, answer)


def include(patch: pytest.MonkeyPatch) -> None:
    """Includes bring what is outside of the view."""

    async def answer(self, request, view):
        asked = any(p.name in {"_include", "_revinclude"} for p in request.parameters)
        open_ = asked and view.sees(request.type or "")
        return await _ANSWER(self, request, _wider(view, request.type) if open_ else view)

    _behind(patch, answer)


def existence(patch: pytest.MonkeyPatch) -> None:
    """PUT tells an id that is taken from one that is free."""

    async def answer(self, request, view):
        found = await _ANSWER(self, request, view)
        if request.interaction is not Interaction.UPDATE or found.status != 404:
            return found
        there = await _ANSWER(self, replace(request, interaction=Interaction.READ, headers={}), EVERYTHING)
        return FhirResponse(409, found.body) if there.status == 200 else found

    _behind(patch, answer)


def unmasked(patch: pytest.MonkeyPatch) -> None:
    """The first mask of a policy is forgotten."""
    compiled = ruling.compile_mask
    patch.setattr(ruling, "compile_mask", lambda paths: compiled(tuple(paths)[1:]))


def narrative(patch: pytest.MonkeyPatch) -> None:
    """The narrative of a resource that is read stays."""
    compiled = ruling.compile_mask

    def compile_mask(paths):
        mask = compiled(paths)

        def keeping(resource):
            text = resource.get("text")
            seen = mask(resource)
            return seen if text is None else {**seen, "text": text}

        return keeping

    patch.setattr(ruling, "compile_mask", compile_mask)


def labels(patch: pytest.MonkeyPatch) -> None:
    """A masked client may search by the labels that it does not see."""
    patch.setattr(level5_attributes, "_REMOVED_WITH_MASKS", frozenset())
    touching = level5_attributes.touches
    patch.setattr(
        level5_attributes,
        "touches",
        lambda type_, code, value, path: code != "_security" and touching(type_, code, value, path),
    )


def search_masked(patch: pytest.MonkeyPatch) -> None:
    """A masked element may be searched by."""
    patch.setattr(level5_attributes, "touches", lambda *_: False)


def deleted(patch: pytest.MonkeyPatch) -> None:
    """What was deleted outside of the view answers 410."""

    async def answer(self, request, view):
        found = await _ANSWER(self, request, view)
        if request.interaction is not Interaction.READ or found.status != 404:
            return found
        there = await _ANSWER(self, request, EVERYTHING)
        return there if there.status == 410 else found

    _behind(patch, answer)


def lost(patch: pytest.MonkeyPatch) -> None:
    """The last match of a page is lost: nothing leaks, something is missing."""

    async def answer(self, request, view):
        found = await _ANSWER(self, request, view)
        if view.unrestricted or request.interaction is not Interaction.SEARCH_TYPE or found.status != 200:
            return found
        bundle = orjson.loads(found.body)
        if len(bundle.get("entry", ())) > 2:
            bundle["entry"].pop()
        return replace(found, body=orjson.dumps(bundle))

    _behind(patch, answer)


Hole = Callable[[pytest.MonkeyPatch], None]

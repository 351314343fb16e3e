"""Widen what a part of the server sees of the types that a view shows; masks stay."""

import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from lab.fhir.cohort import WHOLE
from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.view import View
from lab.fhirserver.dispatch import PERFORMED
from lab.fhirserver.storage.catalogue import served_types

When = Callable[[FhirRequest], bool]


def wide(view):
    """Every type, whole."""
    return replace(view, cohorts=dict.fromkeys(served_types("R4"), WHOLE))


def opened(view, type_):
    """One type whole, if it is shown at all."""
    return replace(view, cohorts={**view.cohorts, type_: WHOLE}) if type_ in view.cohorts else view


def is_ours(view):
    """Tell whether a client asks; the hospital itself sees everything anyway."""
    return not view.unrestricted


def unconfined(patch: pytest.MonkeyPatch, interaction: Interaction, when: When = lambda _: True) -> None:
    """Answer the requests of an interaction on the whole of the types."""
    sound = PERFORMED[interaction]

    def answer(server, request, view: View):
        open_ = is_ours(view) and when(request)
        return sound(server, request, wide(view) if open_ else view)

    patch.setitem(PERFORMED, interaction, answer)


def unscoped(patch: pytest.MonkeyPatch, module, name: str, when=lambda *_: True) -> None:
    """Let a function whose first argument is the scope of a search look at everything."""
    sound = getattr(module, name)

    def asked(scope, *rest, **more):
        open_ = is_ours(scope.view) and when(*rest)
        return sound(replace(scope, view=wide(scope.view)) if open_ else scope, *rest, **more)

    patch.setattr(module, name, asked)


def everywhere(patch: pytest.MonkeyPatch, sound, instead) -> None:
    """Put another function in the place of one in every module of the server that uses it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("lab.fhirserver") and vars(module).get(sound.__name__) is sound:
            patch.setattr(module, sound.__name__, instead)

"""Evaluate the invariants of guides that nobody programmed, with a FHIRPath engine.

Only a result of false is a defect. What the engine cannot evaluate is said, never passed silently.
Specs: https://hl7.org/fhir/R4/fhirpath.html, https://hl7.org/fhirpath/N1/
"""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from functools import cache
from typing import Any

from fhirpathpy import compile as compile_expression
from fhirpathpy.engine.invocations import invocation_registry
from fhirpathpy.models import models

from lab.validation.fhirpath_syntax import is_expression
from lab.validation.profiles import Invariant, Profile
from lab.validation.report import Finding, NotChecked

Json = dict[str, Any]

_CALL = re.compile(r"([A-Za-z_]\w*)\s*\(")
_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'|`[^`]*`")
_WORDS = frozenset({"and", "or", "xor", "implies", "in", "contains", "div", "mod", "is", "as"})
_CHOICE = "[x]"


def evaluated(profile: Profile, invariants: tuple[Invariant, ...]) -> tuple[Invariant, ...]:
    """Return those of the invariants that the engine knows how to evaluate on a resource of the profile."""
    return tuple(one for one in invariants if _known(profile, one))


def broken(
    profile: Profile, invariants: tuple[Invariant, ...], resource: Json, path: str
) -> Iterator[Finding]:
    """Yield the invariants that a resource breaks."""
    for invariant in invariants:
        if _result(invariant, resource) is False:
            yield Finding(path, invariant.key, invariant.severity, profile.canonical, invariant.element)


def undecided(invariants: tuple[Invariant, ...], resource: Json) -> Iterator[NotChecked]:
    """Yield the invariants on which the engine failed for this resource."""
    for invariant in invariants:
        if _result(invariant, resource) is None:
            detail = f"{invariant.element}: {invariant.expression}"
            yield NotChecked("invariant", invariant.key, "not-evaluated", detail)


def _known(profile: Profile, invariant: Invariant) -> bool:
    """Tell whether the id of an invariant says which elements it is about, and its functions are there."""
    elsewhere = profile.type == "Extension" or "%rootResource" in invariant.expression
    if ":" in invariant.element or elsewhere or _program(invariant) is None:
        return False
    called = set(_CALL.findall(_TEXT.sub("''", invariant.expression))) - _WORDS
    return called <= invocation_registry.keys()


@cache
def _program(invariant: Invariant) -> Callable[[Json, Json], list[Any]] | None:
    """Return the compiled invariant, None when it is no FHIRPath."""
    if not is_expression(invariant.expression):
        return None
    inner = invariant.element.partition(".")[2].replace(_CHOICE, "")
    expression = invariant.expression
    if inner:
        expression = f"{inner}.where(({expression}).not()).empty()"
    try:
        program: Callable[[Json, Json], list[Any]] = compile_expression(expression, models["r4"])
    except Exception:  # noqa: BLE001 - the engine raises whatever its parser does
        return None
    return program


def _result(invariant: Invariant, resource: Json) -> bool | None:
    """Return whether a resource satisfies an invariant, None when that could not be evaluated."""
    program = _program(invariant)
    if program is None:
        return None
    try:
        with redirect_stdout(io.StringIO()):  # where trace() prints, values of the resource included
            result = program(resource, {"resource": resource, "rootResource": resource, "context": resource})
    except Exception:  # noqa: BLE001 - of any kind: the engine has no error of its own
        return None
    return result != [False]

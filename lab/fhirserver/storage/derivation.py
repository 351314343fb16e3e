"""Search parameters that need no values of their own, because others of the type have them.

``patient`` is ``subject`` where it leads to a Patient: *narrowed*. ``combo-code`` is ``code`` or
``component-code``, ``phonetic`` is ``name``: a *union* of others. Both are read from the expressions of the
official definitions, so that the index of millions of resources does not hold the same value twice.
"""

import re
from collections.abc import Mapping
from functools import cache

from lab.fhirserver.storage.catalogue import Parameter, parameters
from lab.model.release import Release

_NARROWED = re.compile(r"(?P<base>[\w.]+)\.where\(resolve\(\) is (?P<target>[A-Z]\w+)\)")


@cache
def narrowed(type_: str, code: str, release: Release) -> tuple[str, str] | None:
    """Return the parameter that finds the same references and more, and the type that they are kept for."""
    parameter = parameters(type_, release)[code]
    match = _NARROWED.fullmatch(_said(type_, parameter))
    if match is None or parameter.definition.type != "reference":
        return None
    base = _by_expression(type_, "reference", release).get(match["base"])
    return None if base is None else (base, match["target"])


@cache
def parts(type_: str, code: str, release: Release) -> tuple[str, ...]:
    """Return the parameters whose values together are those of this one; none when it has its own."""
    parameter = parameters(type_, release)[code]
    if not parameter.indexed or parameter.definition.type in {"reference", "composite", "special"}:
        return ()
    known = _by_expression(type_, parameter.definition.type, release)
    branches = _branches(_said(type_, parameter))
    same = known.get(" | ".join(branches), code)
    if same != code:
        return (same,)
    for n in range(1, len(branches)):
        head, tail = known.get(" | ".join(branches[:n])), known.get(" | ".join(branches[n:]))
        if head and tail:
            return (head, tail)
    return ()


@cache
def _by_expression(type_: str, kind: str, release: Release) -> Mapping[str, str]:
    """Return the first parameter of a kind by what its expression says of the type."""
    found: dict[str, str] = {}
    for code, parameter in parameters(type_, release).items():
        if parameter.indexed and parameter.definition.type == kind and not parameter.system:
            found.setdefault(_said(type_, parameter), code)
    return found


def _said(type_: str, parameter: Parameter) -> str:
    """Return the branches of an expression that concern the type."""
    return " | ".join(b for b in _branches(parameter.definition.expression) if _concerns(b, type_))


def _branches(expression: str) -> list[str]:
    return [branch.strip() for branch in expression.split(" | ")]


def _concerns(branch: str, type_: str) -> bool:
    return branch.lstrip("(").startswith((f"{type_}.", "Resource.", "DomainResource."))

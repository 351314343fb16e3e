"""The standard search parameters of each resource type, and the elements that each of them reads.

Source: the official SearchParameter resources (``lab/fhir/data``, built by ``tools/build_definitions.py``).
Spec: https://hl7.org/fhir/R4/searchparameter-registry.html and
https://hl7.org/fhir/R5/searchparameter-registry.html
"""

import gzip
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import orjson

from lab.model.release import Release

_ELEMENTS = re.compile(r"\(?\s*(?P<type>[A-Z][A-Za-z]+)\.(?P<elements>[a-z][A-Za-z]*(?:\.[a-z][A-Za-z]*)*)")
_FUNCTIONS = frozenset({"where", "as", "exists", "resolve", "ofType", "extension"})


@dataclass(frozen=True)
class Component:
    """One part of a composite parameter.

    ``code`` is the parameter that it is searched like, ``expression`` finds its values in the element that
    the composite starts from.
    """

    code: str
    expression: str


@dataclass(frozen=True)
class Definition:
    """A search parameter on one type; ``paths`` are the elements it reads, without the type.

    ``type`` is token, string, date, reference, number, quantity, uri, composite or special; ``targets`` are
    the types that a reference may lead to; ``components`` are the parts of a composite.
    """

    code: str
    type: str
    expression: str
    targets: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...]
    components: tuple[Component, ...] = ()


@cache
def definitions(type_: str, release: Release = "R4") -> Mapping[str, Definition]:
    """Return the search parameters of a resource type by code, those of every type included."""
    known = _source(release)
    if type_ not in known:
        return MappingProxyType({})
    own = {**known.get("Resource", {}), **known.get("DomainResource", {}), **known[type_]}
    return MappingProxyType({code: _definition(type_, code, data) for code, data in own.items()})


def by_type(release: Release) -> Mapping[str, Iterable[str]]:
    """Return the codes of each type, those of every type under the names of the abstract ones."""
    return {type_: codes.keys() for type_, codes in _source(release).items()}


@cache
def _source(release: Release) -> dict[str, dict[str, dict[str, Any]]]:
    packed = (files("lab.fhir") / "data" / f"{release.lower()}.search-parameters.json.gz").read_bytes()
    data: dict[str, Any] = orjson.loads(gzip.decompress(packed))
    return {type_: codes for type_, codes in data.items() if type_ != "source"}


def _definition(type_: str, code: str, data: dict[str, Any]) -> Definition:
    expression = str(data.get("expression") or "")
    components = tuple(Component(c["code"], c["expression"]) for c in data.get("component", ()))
    paths = _paths(type_, expression)
    if components:
        paths = [path for c in components for path in _paths(type_, within(expression, c.expression))]
    return Definition(
        code=code,
        type=str(data["type"]),
        expression=expression,
        targets=tuple(data.get("target", ())),
        paths=tuple(dict.fromkeys(paths)),
        components=components,
    )


def within(base: str, expression: str) -> str:
    """Return an expression of the part of a composite that starts at the resource."""
    branches = ((b.strip(), _bare(e.strip())) for b in base.split("|") for e in expression.split("|"))
    return " | ".join(f"{b}.{e}" for b, e in branches)


def _bare(expression: str) -> str:
    """Return an expression without parentheses around the whole of it."""
    return expression[1:-1] if expression.startswith("(") and expression.endswith("))") else expression


def _paths(type_: str, expression: str) -> list[tuple[str, ...]]:
    paths = []
    for match in _ELEMENTS.finditer(expression):
        if match["type"] in {type_, "Resource", "DomainResource"}:
            elements = match["elements"].split(".")
            end = next((i for i, name in enumerate(elements) if name in _FUNCTIONS), len(elements))
            paths.append(tuple(elements[:end]))
    return paths

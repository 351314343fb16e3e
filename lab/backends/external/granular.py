"""Whether a resource meets the query of a granular scope, told from its content alone.

Only tokens are told here (``category=system|code``): a scope that asks for anything else is not enforced
before a server that is not ours, and what it opens is refused.

Spec: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#finer-grained-resource-constraints-using-search-parameters
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from lab.backends.external.references import at
from lab.backends.external.refusals import not_narrowed
from lab.fhir.search_parameters import definitions

_LABELS = {"_tag": "tag", "_security": "security"}


def check_told(type_: str, query: str) -> None:
    """Verify that the query can be told.

    Raises:
        FhirError: the constant refusal.
    """
    for name, value in _pairs(query):
        known = definitions(type_).get(name)
        if name not in _LABELS and (known is None or known.type != "token" or not known.paths):
            raise not_narrowed()
        if "\\" in value or not all(value.split(",")):
            raise not_narrowed()


def meets(resource: Mapping[str, Any], query: str) -> bool:
    """Tell whether the resource meets every parameter of a query that can be told."""
    type_ = str(resource["resourceType"])
    for name, value in _pairs(query):
        found = set(_tokens(resource, type_, name))
        if not any(_is_among(one, found) for one in value.split(",")):
            return False
    return True


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise not_narrowed() from None


def _tokens(resource: Mapping[str, Any], type_: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield (system, code) of the values of a token parameter."""
    paths = (("meta", _LABELS[name]),) if name in _LABELS else definitions(type_)[name].paths
    for path in paths:
        for value in at(dict(resource), path):
            yield from _of(value)


def _of(value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case bool():
            yield "", "true" if value else "false"
        case str():
            yield "", value
        case {"coding": list(codings)}:
            for coding in codings:
                yield from _of(coding)
        case dict():
            yield str(value.get("system", "")), str(value.get("code", value.get("value", "")))


def _is_among(asked: str, found: set[tuple[str, str]]) -> bool:
    system, bar, code = asked.partition("|")
    if not bar:
        return any(known == asked for _, known in found)
    if not code:
        return any(known == system for known, _ in found)
    return (system, code) in found

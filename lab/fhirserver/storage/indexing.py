"""From one resource to its rows in the index.

Each reference parameter has a companion ``code:identifier`` that indexes the identifier of the reference.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from lab.fhirserver.storage.catalogue import Parameter, parameters
from lab.fhirserver.storage.index_rows import READERS, Context, Row, token_rows

IndexRow = tuple[int, int, int, str | None, str | None, float | None, float | None]
"""param, n, extreme, code, system, low, high"""

_FIRST, _LAST = 1, 2


def names(type_: str) -> Iterator[str]:
    """Yield the codes under which the values of a type are indexed."""
    for code, parameter in parameters(type_).items():
        if parameter.indexed:
            yield code
            if parameter.definition.type == "reference":
                yield f"{code}:identifier"


def index(resource: dict[str, Any], ids: Mapping[tuple[str, str], int], context: Context) -> list[IndexRow]:
    """Return the rows of a resource; ``ids`` numbers each (type, code)."""
    type_ = resource["resourceType"]
    rows: list[IndexRow] = []
    for code, parameter in _concerned(type_, frozenset(resource)):
        nodes = parameter.path.evaluate(resource)
        if not nodes:
            continue
        read = READERS[parameter.definition.type]
        found = [row for node in nodes for row in read(node, context)]
        if parameter.system:  # an element of type code does not repeat its system
            found = [row._replace(system=parameter.system) for row in found]
        rows += _numbered(ids[type_, code], found)
        if parameter.definition.type == "reference":
            identifiers = [
                node["identifier"] for node in nodes if isinstance(node, dict) and "identifier" in node
            ]
            if identifiers:
                rows += _numbered(
                    ids[type_, f"{code}:identifier"],
                    [row for node in identifiers for row in token_rows(node, context)],
                )
    return rows


@lru_cache(maxsize=4096)
def _concerned(type_: str, keys: frozenset[str]) -> tuple[tuple[str, Parameter], ...]:
    """Return the parameters that may find something in a resource with those top-level members."""
    return tuple((c, p) for c, p in parameters(type_).items() if p.indexed and p.path.concerns(keys))


def _numbered(param: int, rows: list[Row]) -> list[IndexRow]:
    if len(rows) == 1:
        return [(param, 0, _FIRST | _LAST, *rows[0])]
    unique = sorted(set(rows), key=_order)
    keyed = [n for n, row in enumerate(unique) if row.code is not None or row.low is not None]
    extremes = dict.fromkeys(range(len(unique)), 0)
    if keyed:
        extremes[keyed[0]] |= _FIRST
        extremes[keyed[-1]] |= _LAST
    return [(param, n, extremes[n], *row) for n, row in enumerate(unique)]


def _order(row: Row) -> tuple[float, str, str]:
    low = float("-inf") if row.low is None else row.low
    return low, row.code or "", row.system or ""

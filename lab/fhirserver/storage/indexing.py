"""From one resource to what searches must know of it: the slots of its row, and rows of the generic index.

References and sets of tokens are still names here: ``numbering.py`` gives them their numbers in the store.
Each reference parameter has a companion ``code:identifier`` that indexes the identifier of the reference.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, NamedTuple

from lab.fhirserver.storage.catalogue import Parameter, parameters
from lab.fhirserver.storage.compartment import compartment_parameters
from lab.fhirserver.storage.derivation import narrowed, parts
from lab.fhirserver.storage.fitting import Name, fitted
from lab.fhirserver.storage.index_rows import READERS, Context, Row, token_rows
from lab.fhirserver.storage.slots import slots
from lab.model.release import Release

_FIRST, _LAST = 1, 2

IndexRow = tuple[int, int, int, str | Name | None, str | None, float | None, float | None]
"""param, n, extreme, code, system, low, high; the code of a reference is a Name"""


@dataclass(slots=True)
class Entries:
    """``slots`` holds values by column: ``Tokens`` of a token or a unit, ``Name`` of a reference, numbers.

    ``patients`` are the ids of those in whose compartments the resource is, but for a Patient in its own.
    """

    slots: dict[str, Any] = field(default_factory=dict)
    rows: list[IndexRow] = field(default_factory=list)
    patients: set[str] = field(default_factory=set)


class Indexed(NamedTuple):
    """A parameter that has values of its own; ``slot`` is empty when they go to the generic index only.

    ``but`` is the type of the targets that the parameter it narrows has already; ``owner`` tells whether it
    puts the resource into the compartment of a patient.
    """

    code: str
    parameter: Parameter
    slot: str
    but: str
    owner: bool


def names(type_: str, release: Release) -> Iterator[tuple[str, str]]:
    """Yield the codes under which the values of a type are indexed, each with its kind."""
    for each in indexed(type_, release):
        yield each.code, each.parameter.definition.type
        if each.parameter.definition.type == "reference":
            yield f"{each.code}:identifier", "token"


@cache
def indexed(type_: str, release: Release) -> tuple[Indexed, ...]:
    """Return the parameters of a type whose values are kept."""
    own, owners = slots(type_, release), compartment_parameters(type_, release)
    return tuple(
        Indexed(
            code,
            parameter,
            own.get(code, ""),
            (narrowed(type_, code, release) or ("", ""))[1],
            code in owners,
        )
        for code, parameter in parameters(type_, release).items()
        if parameter.indexed and not parts(type_, code, release)
    )


def index(resource: dict[str, Any], ids: Mapping[tuple[str, str], int], context: Context) -> Entries:
    """Return the entries of a resource; ``ids`` numbers each (type, code)."""
    type_ = resource["resourceType"]
    return entries(type_, concerned(type_, frozenset(resource), context.release), resource, ids, context)


@lru_cache(maxsize=4096)
def concerned(type_: str, keys: frozenset[str], release: Release) -> tuple[Indexed, ...]:
    """Return the parameters that may find something in a resource with those top-level members."""
    return tuple(each for each in indexed(type_, release) if each.parameter.path.concerns(keys))


def entries(
    type_: str,
    wanted: Iterable[Indexed],
    resource: dict[str, Any],
    ids: Mapping[tuple[str, str], int],
    context: Context,
) -> Entries:
    """Return the entries of some parameters, which may need some members of the resource only."""
    made = Entries()
    for code, parameter, slot, but, owner in wanted:
        nodes = parameter.path.evaluate(resource)
        if not nodes:
            continue
        read = READERS[parameter.definition.type]
        found = [row for node in nodes for row in read(node, context)]
        if parameter.system:  # an element of type code does not repeat its system
            found = [row._replace(system=parameter.system) for row in found]
        reference = parameter.definition.type == "reference"
        if reference:
            _identifiers(type_, code, nodes, made, ids, context)
            if owner:
                made.patients.update(row.code for row in found if row.system == "Patient" and row.code)
            if but:
                found = [row for row in found if row.system != but]
        if not found:
            continue
        held = fitted(slot, found) if slot else None
        if held is not None:
            made.slots.update(held)
        else:
            made.rows += _numbered(ids[type_, code], found, reference=reference)
    return made


def _identifiers(
    type_: str,
    code: str,
    nodes: list[Any],
    made: Entries,
    ids: Mapping[tuple[str, str], int],
    context: Context,
) -> None:
    held = [node["identifier"] for node in nodes if isinstance(node, dict) and "identifier" in node]
    if held:
        rows = [row for node in held for row in token_rows(node, context)]
        made.rows += _numbered(ids[type_, f"{code}:identifier"], rows, reference=False)


def _numbered(param: int, rows: list[Row], *, reference: bool) -> list[IndexRow]:
    if len(rows) == 1 and not reference:
        (row,) = rows
        keyed_ = row.code is not None or row.low is not None
        return [(param, 0, _FIRST | _LAST if keyed_ else 0, *row)]
    unique = sorted(set(rows), key=_order) if len(rows) > 1 else rows
    keyed = [n for n, row in enumerate(unique) if row.code is not None or row.low is not None]
    extremes = dict.fromkeys(range(len(unique)), 0)
    if keyed:
        extremes[keyed[0]] |= _FIRST
        extremes[keyed[-1]] |= _LAST
    if reference:
        return [
            (param, n, extremes[n], row.code and Name(row.system or "", row.code), None, None, None)
            for n, row in enumerate(unique)
        ]
    return [(param, n, extremes[n], *row) for n, row in enumerate(unique)]


def _order(row: Row) -> tuple[float, str, str]:
    low = float("-inf") if row.low is None else row.low
    return low, row.code or "", row.system or ""

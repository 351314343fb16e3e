"""The criteria of a client as those that may be passed on; chains and ``_has`` are searched first.

An allow-list: the standard parameters of R4 and the modifiers that read the resource alone. What the server
behind would follow by itself (chains, reverse chains, value sets, text) would not be followed on the view.

Spec: https://hl7.org/fhir/R4/search.html
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from lab.backends.external.about import is_known, leads_to_its_patients
from lab.backends.external.narrowing import MAX_IDS, Asked
from lab.backends.external.references import SOMEONE, pointed, target
from lab.backends.external.refusals import not_taken, too_many
from lab.backends.external.sight import Sight
from lab.fhir.request import Parameter
from lab.fhir.search_parameters import Definition, definitions
from lab.fhir.strict_json import Json

MAX_DEPTH = 4
_REFUSED = frozenset({"_content", "_text", "_query", "_filter", "_list"})
_MODIFIERS = {
    "string": frozenset({"exact", "contains", "missing"}),
    "token": frozenset({"not", "missing"}),
    "composite": frozenset[str](),
}
_OTHERS = frozenset({"missing"})
_PLAIN_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")

Gather = Callable[[str, Sequence[Parameter], int], Awaitable[list[Json]]]
"""Find all that the view shows of a type by some parameters, at a depth of chains."""


@dataclass(frozen=True)
class Criteria:
    """``nothing`` tells that no resource can meet them."""

    asked: tuple[Asked, ...]
    nothing: bool = False


async def criteria(
    sight: Sight, base_url: str, type_: str, parameters: Iterable[Parameter], gather: Gather, depth: int = 0
) -> Criteria:
    """Return what may be asked for the parameters that select resources.

    Raises:
        FhirError: 400 for one that is not passed on, 403 for what cannot be narrowed.
    """
    asked: list[Asked] = []
    for parameter in parameters:
        if depth > MAX_DEPTH:
            raise not_taken("A chain is longer than this platform follows.")
        whole = parameter.name + (f":{parameter.modifier}" if parameter.modifier else "")
        if parameter.name == "_has":
            asked.append(await _has(sight, type_, parameter, gather, depth))
        elif "." in whole:
            asked.append(await _chain(sight, type_, whole, parameter.value, gather, depth))
        else:
            asked.append(_own(type_, parameter, sight, base_url))
    merged = _merged(asked)
    return Criteria(merged, nothing=any(a.code and not a.ids for a in merged))


def _own(type_: str, parameter: Parameter, sight: Sight, base_url: str) -> Asked:
    name, modifier, value = parameter.name, parameter.modifier, parameter.value
    if not value or any(not one.strip() for one in value.split(",")):
        raise not_taken("A search parameter has an empty value.")
    if name == "_id" and modifier is None:
        ids = frozenset(value.split(","))
        if not all(_PLAIN_ID.fullmatch(id_) for id_ in ids):
            ids = frozenset(id_ for id_ in ids if _PLAIN_ID.fullmatch(id_))
        return Asked("_id", ",".join(sorted(ids)), "_id", ids)
    known = definitions(type_).get(name)
    if known is None or name in _REFUSED or name == "_id" or known.type == "special":
        raise not_taken()
    if known.type == "reference":
        return _reference(type_, known, parameter, sight, base_url)
    if modifier is not None and modifier not in _MODIFIERS.get(known.type, _OTHERS):
        raise not_taken("A modifier is not one that this platform passes on.")
    return Asked(name if modifier is None else f"{name}:{modifier}", value)


def _reference(type_: str, known: Definition, parameter: Parameter, sight: Sight, base_url: str) -> Asked:
    """Return a reference, its values relative; one that names patients alone says which."""
    modifier, code = parameter.modifier, known.code
    name = code if modifier is None else f"{code}:{modifier}"
    if modifier == "missing":
        return Asked(name, parameter.value)
    if modifier is not None and modifier not in known.targets:
        raise not_taken("A modifier is not one that this platform passes on.")
    values = [value.removeprefix(f"{base_url}/") for value in parameter.value.split(",")]
    if any("?" in value or "\\" in value for value in values):
        raise not_taken()
    only = modifier or (
        known.targets[0] if len(known.targets) == 1 else "Patient" if code == "patient" else ""
    )
    ids = set()
    for value in values:
        if only == "Patient" and _PLAIN_ID.fullmatch(value):
            ids.add(value)
            continue
        found = target(value, sight.bases)
        if found is None or found.type != "Patient" or found.id == SOMEONE:
            return Asked(name, ",".join(values))
        ids.add(found.id)
    if not leads_to_its_patients(type_, code):
        return Asked(name, ",".join(values))
    return Asked(name, ",".join(values), code, frozenset(ids))


async def _chain(sight: Sight, type_: str, whole: str, value: str, gather: Gather, depth: int) -> Asked:
    """Search what a chain leads to, on the view, and ask for what refers to it."""
    link, _, rest = whole.partition(".")
    code, _, only = link.partition(":")
    known = definitions(type_).get(code)
    if known is None or known.type != "reference" or (only and only not in known.targets):
        raise not_taken()
    targets = [t for t in ((only,) if only else known.targets) if is_known(t) and _has_parameter(t, rest)]
    if not targets:
        raise not_taken()
    name, _, modifier = rest.partition(":")
    inner = Parameter(name, value, modifier or None)
    found: list[tuple[str, str]] = []
    for each in targets:
        if sight.view.sees(each):
            found += [(each, str(r["id"])) for r in await gather(each, (inner,), depth + 1)]
    if len(found) > MAX_IDS:
        raise too_many()
    if all(each == "Patient" for each, _ in found) and leads_to_its_patients(type_, code):
        ids = frozenset(id_ for _, id_ in found)
        return Asked(code, ",".join(f"Patient/{id_}" for id_ in sorted(ids)), code, ids)
    if not found:
        return Asked("_id", "", "_id")
    return Asked(code, ",".join(f"{each}/{id_}" for each, id_ in found))


async def _has(sight: Sight, type_: str, parameter: Parameter, gather: Gather, depth: int) -> Asked:
    """Search what refers back, on the view, and ask for the ids that it refers to."""
    source, _, rest = (parameter.modifier or "").partition(":")
    code, _, inner = rest.partition(":")
    known = definitions(source).get(code) if is_known(source) else None
    if known is None or known.type != "reference" or type_ not in known.targets or not inner:
        raise not_taken()
    if not _has_parameter(source, inner):
        raise not_taken()
    name, _, modifier = inner.partition(":")
    if not sight.view.sees(source):
        return Asked("_id", "", "_id")
    found = await gather(source, (Parameter(name, parameter.value, modifier or None),), depth + 1)
    targets = (t for resource in found for t in pointed(resource, code, sight.bases))
    ids = frozenset(t.id for t in targets if t.type == type_ and t.id != SOMEONE)
    return Asked("_id", ",".join(sorted(ids)), "_id", ids)


def _has_parameter(type_: str, rest: str) -> bool:
    """Tell whether a type has the parameter that the rest of a chain begins with."""
    return rest.startswith("_has:") or rest.partition(".")[0].partition(":")[0] in definitions(type_)


def _merged(asked: Sequence[Asked]) -> tuple[Asked, ...]:
    """Return them with one set of ids; of several that name patients, the first one says it."""
    ids = [a.ids for a in asked if a.code == "_id"]
    found = [Asked("_id", "", "_id", frozenset.intersection(*ids))] if ids else []
    named = False
    for one in asked:
        if one.code != "_id":
            # Two names of patients are two conditions, not one on their intersection.
            found.append(Asked(one.name, one.value) if one.ids and named else one)
            named = named or bool(one.code)
    return tuple(found)


def order(type_: str, value: str) -> str:
    """Return an order that may be passed on: one of own parameters of the resource.

    Raises:
        FhirError: 400 for another one.
    """
    for code in value.split(","):
        known = definitions(type_).get(code.removeprefix("-"))
        if known is None or known.type in {"composite", "special"} or known.code in _REFUSED:
            raise not_taken("_sort takes search parameters of the type.")
    return value

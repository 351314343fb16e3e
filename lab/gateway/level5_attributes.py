"""Level 5, data access: what may not be asked about, and the mask that every answer goes through.

A request that searches, sorts or chains on a masked element gets one constant refusal, whether the value
exists or not. The mask itself is ``lab.gateway.mask``.
"""

from collections.abc import Iterable, Iterator
from functools import cache

from lab.fhir.element_path import ElementPath
from lab.fhir.request import FhirRequest, Parameter
from lab.fhir.search_parameters import definitions
from lab.gateway.decision import refuse
from lab.gateway.implied_reads import implied
from lab.model.exchange import Decision
from lab.model.release import Release

_WHOLE_TEXT = frozenset({"_filter", "_content", "_text", "_query", "*"})
_REMOVED_WITH_MASKS = frozenset({"_tag", "_security"})
_LABEL = ":identifier"
"""Stands for what a reference itself tells of whom it leads to."""
_INCLUDES = frozenset({"_include", "_revinclude"})


def decide(request: FhirRequest, masks: Iterable[ElementPath]) -> Decision:
    """Refuse a request that reads a masked element without showing it."""
    masks = tuple(masks)
    if not masks:
        return _allowed(0)
    for parameter in request.parameters:
        for type_, code, value in _reads(request.type or "", parameter, masks[0].release):
            if code in _WHOLE_TEXT or any(touches(type_, code, value, mask) for mask in masks):
                return refuse(5, f"mask on {type_}", f"the parameter {code} reads a masked element")
    for type_, code in implied(request, masks):
        if any(touches(type_, code, "", mask) for mask in masks):
            return refuse(5, f"mask on {type_}", f"{request.operation} reads a masked element by {code}")
    return _allowed(len(masks))


@cache
def _allowed(count: int) -> Decision:
    return Decision(5, allow=True, rule=f"{count} masks", reason="applied to the answer")


def _reads(type_: str, parameter: Parameter, release: Release) -> Iterator[tuple[str, str, str]]:
    """Yield the (type, code, value) that a parameter reads, all along includes, chains and ``_has``.

    Types are followed as sets: the work grows with the length of a chain, not with the ways through it.
    """
    if parameter.name == "_sort":
        yield from ((type_, code.removeprefix("-"), "") for code in parameter.value.split(","))
        return
    if parameter.name in _INCLUDES:
        source, _, code = parameter.value.partition(":")
        yield source, code.partition(":")[0] or "*", ""
        return
    types, rest = {type_}, parameter.name + (f":{parameter.modifier}" if parameter.modifier else "")
    while rest.startswith("_has:") or "." in rest:
        if rest.startswith("_has:"):
            parts = rest.split(":", 3)
            _, source, code, rest = [*parts, *[""] * (4 - len(parts))]
            yield source, code, ""
            types = {source}
        else:
            link, _, rest = rest.partition(".")
            code, _, only = link.partition(":")
            yield from ((source, code, "") for source in types)
            led = (_targets(source, code, release) for source in types)
            types = {only} if only else set().union(*led)
    code, _, modifier = rest.partition(":")
    for source in types:
        yield source, code, "" if modifier else parameter.value
        if modifier == "identifier":
            yield from ((target, "identifier", parameter.value) for target in _targets(source, code, release))
            # It reads the reference's own identifier, which is hidden with any element of Patient.
            yield from ((target, _LABEL, "") for target in _targets(source, code, release) & {"Patient"})


def _targets(type_: str, code: str, release: Release) -> set[str]:
    definition = definitions(type_, release).get(code)
    return set(definition.targets) if definition else set()


def touches(type_: str, code: str, value: str, mask: ElementPath) -> bool:
    """Tell whether a search parameter of a type, with that value if any, reads what is masked."""
    if mask.type != type_:
        return False
    if code == _LABEL:
        return True
    definition = definitions(type_, mask.release).get(code)
    if definition is None:
        return False
    if code in _REMOVED_WITH_MASKS or not definition.paths:
        return True
    spared = definition.type != "composite" and _spares(value, mask)
    return any(mask.overlaps(type_, path) and not spared for path in definition.paths)


def _spares(value: str, mask: ElementPath) -> bool:
    """Tell whether a token names systems that the mask leaves visible, in every alternative."""
    if not mask.systems or not value:
        return False
    systems = [alternative.partition("|") for alternative in value.split(",")]
    return all(bar and system and system not in mask.systems for system, bar, _ in systems)

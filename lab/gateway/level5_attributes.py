"""Level 5, data access: what may not be asked about, and the mask that every answer goes through.

A request that searches, sorts or chains on a masked element gets one constant refusal, whether the value
exists or not. The mask itself is ``lab.gateway.mask``.
"""

from collections.abc import Iterable, Iterator

from lab.fhir.element_path import ElementPath
from lab.fhir.request import FhirRequest, Parameter
from lab.fhir.search_parameters import definitions
from lab.gateway.decision import refuse
from lab.model.exchange import Decision

_WHOLE_TEXT = frozenset({"_filter", "_content", "_text", "_query"})


def decide(request: FhirRequest, masks: Iterable[ElementPath]) -> Decision:
    """Refuse a request that reads a masked element without showing it."""
    masks = tuple(masks)
    for parameter in request.parameters if masks else ():
        for type_, code, value in _reads(request.type or "", parameter):
            if code in _WHOLE_TEXT or any(_touches(type_, code, value, mask) for mask in masks):
                return refuse(5, f"mask on {type_}", f"the parameter {code} reads a masked element")
    return Decision(5, allow=True, rule=f"{len(masks)} masks", reason="applied to the answer")


def _reads(type_: str, parameter: Parameter) -> Iterator[tuple[str, str, str]]:
    """Yield the (type, code, value) that a parameter reads, all along chains, ``_has`` and ``_sort``."""
    if parameter.name == "_sort":
        for code in parameter.value.split(","):
            yield type_, code.removeprefix("-"), ""
        return
    if parameter.name == "_has":
        source, _, rest = (parameter.modifier or "").partition(":")
        _, _, code = rest.partition(":")
        name, _, modifier = code.partition(":")
        yield from _reads(source, Parameter(name, parameter.value, modifier or None))
        return
    head, dot, tail = parameter.name.partition(".")
    if dot or (parameter.modifier and "." in parameter.modifier):
        # In "subject:Patient.name" the modifier carries the type and the rest of the chain.
        target, _, rest = (parameter.modifier or "").partition(".")
        yield type_, head, ""
        chain = (
            Parameter(tail, parameter.value, parameter.modifier) if dot else Parameter(rest, parameter.value)
        )
        for type_after in {target} if rest and not dot else _targets(type_, head):
            yield from _reads(type_after, chain)
        return
    yield type_, head, "" if parameter.modifier else parameter.value


def _targets(type_: str, code: str) -> set[str]:
    definition = definitions(type_).get(code)
    return set(definition.targets) if definition else set()


def _touches(type_: str, code: str, value: str, mask: ElementPath) -> bool:
    definition = definitions(type_).get(code)
    if definition is None or mask.type != type_:
        return False
    return any(_overlap(path, mask) and not _spares(value, mask) for path in definition.paths)


def _overlap(path: tuple[str, ...], mask: ElementPath) -> bool:
    length = min(len(path), len(mask.elements))
    return path[:length] == mask.elements[:length]


def _spares(value: str, mask: ElementPath) -> bool:
    """Tell whether a token names systems that the mask leaves visible, in every alternative."""
    if not mask.systems or not value:
        return False
    systems = [alternative.partition("|") for alternative in value.split(",")]
    return all(bar and system and system not in mask.systems for system, bar, _ in systems)

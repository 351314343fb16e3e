"""Check what a schema cannot say: comparisons of two values, references that resolve, uniqueness, narrative.

Spec: the "Constraints" of each page, for example https://hl7.org/fhir/R4/datatypes.html#Period
"""

from collections.abc import Callable, Container, Iterator, Mapping
from datetime import datetime
from typing import Any

from lab.validation.fast import not_checked
from lab.validation.narrative import narrative_rules
from lab.validation.references import contained_is_used, reference_resolves
from lab.validation.report import Finding, NotChecked
from lab.validation.walk import NULLS, Visit, base_type

_DAY = len("2026-03-31")
# ctm-1 asks the server whether a member is a Practitioner; ppc-2 to ppc-5 are published with a code system
# that does not exist, so that they cannot fail.
_OUT_OF_REACH = {"ctm-1": "CareTeam", **dict.fromkeys(("ppc-2", "ppc-3", "ppc-4", "ppc-5"), "Consent")}
_NOT_PROGRAMMED = {
    "apr-1": "AppointmentResponse",
    "ces-1": "CoverageEligibilityResponse",
    **dict.fromkeys(("fhs-1", "fhs-2"), "FamilyMemberHistory"),
    "gol-1": "Goal",
    "inv-1": "Task",
    "mdd-1": "MedicationDispense",
    "qrs-1": "QuestionnaireResponse",
    **dict.fromkeys((f"que-{n}" for n in range(1, 14)), "Questionnaire"),
    **dict.fromkeys(("ras-1", "ras-2"), "RiskAssessment"),
    "rqg-1": "RequestGroup",
}
_OWNERS = {**_OUT_OF_REACH, **_NOT_PROGRAMMED}
"""The types of the invariants that are not checked."""


def deep_findings(visit: Visit) -> Iterator[Finding]:
    """Yield what is wrong with one element, by the rules of its type."""
    for rule in _RULES.get(base_type(visit.definition, visit.scope.release), ()):
        yield from rule(visit)
    if "contained" in visit.value:
        yield from contained_is_used(visit)


def deep_rules() -> frozenset[str]:
    """Return the keys of the invariants that are checked here, those of every release alike."""
    return _CHECKED


def invariants_not_checked(definitions: Container[str]) -> Iterator[NotChecked]:
    """Yield the invariants of the types in a resource that neither the schema nor this module checks."""
    for key in sorted(set(not_checked()["invariants"]) - _CHECKED):
        if key not in _OWNERS or _OWNERS[key] in definitions:
            yield NotChecked("invariant", key, "out-of-reach" if key in _OUT_OF_REACH else "not-programmed")


def _period(visit: Visit) -> Iterator[Finding]:
    """per-1: the start is not after the end, on the precision of the less precise of the two."""
    start, end = visit.value.get("start"), visit.value.get("end")
    if isinstance(start, str) and isinstance(end, str) and _is_after(start, end):
        yield Finding(visit.path, "per-1")


def _is_after(start: str, end: str) -> bool:
    if len(start) > _DAY and len(end) > _DAY:
        try:
            return datetime.fromisoformat(start) > datetime.fromisoformat(end)
        except (TypeError, ValueError):  # second 60, or no date at all: the day is enough
            pass
    precision = min(len(start), len(end), _DAY)
    return start[:precision] > end[:precision]


def _range(visit: Visit) -> Iterator[Finding]:
    """rng-2: low is not above high; quantities of two units cannot be compared."""
    low, high = visit.value.get("low"), visit.value.get("high")
    if not (isinstance(low, dict) and isinstance(high, dict)):
        return
    if any(low.get(name) != high.get(name) for name in ("code", "system", "unit")):
        return
    smaller, larger = low.get("value"), high.get("value")
    if isinstance(smaller, (int, float)) and isinstance(larger, (int, float)) and smaller > larger:
        yield Finding(visit.path, "rng-2")


def _observation(visit: Visit) -> Iterator[Finding]:
    """obs-7: the value of the code of a component stands in the component."""
    if not any(name.startswith(("value", "_value")) for name in visit.value):
        return
    own = set(_codings(visit.value))
    for index, component in enumerate(_objects(visit.value.get("component"))):
        if own.intersection(_codings(component)):
            yield Finding(f"{visit.path}.component[{index}].code", "obs-7")


def _codings(element: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    code = element.get("code")
    for coding in _objects(code.get("coding") if isinstance(code, dict) else None):
        system, value = coding.get("system"), coding.get("code")
        if isinstance(system, str) and isinstance(value, str):
            yield system, value


def _bundle(visit: Visit) -> Iterator[Finding]:
    """bdl-7: no two entries have the same fullUrl and version, but in a history."""
    if visit.value.get("type") == "history":
        return
    seen = set()
    for index, entry in enumerate(_objects(visit.value.get("entry"))):
        url, resource = entry.get("fullUrl"), entry.get("resource")
        meta = resource.get("meta") if isinstance(resource, dict) else None
        if isinstance(url, str):
            key = (url, str(meta.get("versionId")) if isinstance(meta, dict) else "")
            if key in seen:
                yield Finding(f"{visit.path}.entry[{index}].fullUrl", "bdl-7")
            seen.add(key)


def _unique(rule: str, name: str, *parts: str) -> Callable[[Visit], Iterator[Finding]]:
    """No two items of an array have the same parts."""

    def check(visit: Visit) -> Iterator[Finding]:
        seen = set()
        for index, item in enumerate(_objects(visit.value.get(name))):
            key = tuple(str(item.get(part)) for part in parts)
            if key in seen:
                yield Finding(f"{visit.path}.{name}[{index}]", rule)
            seen.add(key)

    return check


def _nulls(visit: Visit) -> Iterator[Finding]:
    """A null in an array of primitives keeps the place of a value whose extension stands in the sibling."""
    name, sibling = visit.value
    others = visit.value[sibling]
    for index, item in enumerate(visit.value[name]):
        other = others[index] if isinstance(others, list) and index < len(others) else None
        if item is None and other is None:
            yield Finding(f"{visit.path}[{index}]", "ele-1")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the items of an array, an empty object for each that is none so that indexes stay right."""
    for item in value if isinstance(value, list) else ():
        yield item if isinstance(item, dict) else {}


_RULES: Mapping[str, tuple[Callable[[Visit], Iterator[Finding]], ...]] = {
    NULLS: (_nulls,),
    "Bundle": (_bundle,),
    "CapabilityStatement": (_unique("cpb-7", "document", "profile", "mode"),),
    "CapabilityStatement.rest": (_unique("cpb-9", "resource", "type"),),
    "CapabilityStatement.rest.resource": (_unique("cpb-12", "searchParam", "name"),),
    "Narrative": (narrative_rules,),
    "Observation": (_observation,),
    "Period": (_period,),
    "Range": (_range,),
    "Reference": (reference_resolves,),
}
_CHECKED = frozenset(
    {"bdl-7", "cpb-7", "cpb-9", "cpb-12", "dom-3", "obs-7", "per-1", "ref-1", "rng-2", "txt-1", "txt-2"}
)

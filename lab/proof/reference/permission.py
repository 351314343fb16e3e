"""The rules of a Permission, read from its JSON (R5 or R6 form) as plainly as they are written.

Specs: https://hl7.org/fhir/R5/permission.html and the package hl7.fhir.uv.dap
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
LIMIT = "https://lab.chu-toulouse.fr/fhir/StructureDefinition/permission-rule-limit"


@dataclass(frozen=True)
class Selection:
    """One ``data``: a type (empty: any), the Group or List that is named, and the labels, ``system|code``."""

    type: str
    pool: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """``activities`` are (action, purpose); None is all of them."""

    permit: bool
    selections: tuple[Selection, ...]
    activities: frozenset[tuple[str, str]] | None
    masks: tuple[str, ...]


def rules(permission: Json) -> tuple[Rule, ...]:
    """Return the rules in their order."""
    return tuple(_rule(rule) for rule in permission.get("rule", ()))


def _rule(rule: Json) -> Rule:
    named = rule.get("activity")
    return Rule(
        permit=rule["type"] == "permit",
        selections=tuple(one for data in rule.get("data", ()) for one in _selections(data)),
        activities=None if named is None else frozenset(pair for one in named for pair in _activities(one)),
        masks=tuple(_masks(rule)),
    )


def _selections(data: Json) -> Iterator[Selection]:
    pool = next((one["reference"]["reference"] for one in data.get("resource", ())), "")
    labels = tuple(f"{one['system']}|{one['code']}" for one in data.get("security", ()))
    types = [coding["code"] for coding in data.get("resourceType", ())]
    if "expression" in data:
        types.append(data["expression"]["expression"])
    yield from (Selection(type_, pool, labels) for type_ in types or [""])


def _activities(activity: Json) -> Iterator[tuple[str, str]]:
    for purpose in _codes(activity.get("purpose", ())):
        yield from ((action, purpose) for action in _codes(activity.get("action", ())))


def _codes(concepts: Iterable[Json]) -> list[str]:
    return [coding["code"] for concept in concepts for coding in concept.get("coding", ())]


def _masks(rule: Json) -> Iterator[str]:
    limits = rule.get("limit", [])
    for limit in limits:
        yield from limit.get("element", ())
    for holder in (rule, *limits):
        for extension in holder.get("modifierExtension", ()):
            if extension["url"] == LIMIT:
                yield from (part["valueString"] for part in extension["extension"])

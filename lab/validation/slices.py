"""Say in JSON Schema which items of an array are of which slice, how many there may be and what they hold.

Spec: https://hl7.org/fhir/R4/profiling.html#slicing
"""

from collections.abc import Callable
from typing import Any

import orjson

from lab.validation.discriminators import UndecidableError, predicate
from lab.validation.guide import Guide
from lab.validation.report import NotChecked
from lab.validation.snapshot import Node

Json = dict[str, Any]

_UNBOUNDED = "*"


def array_rules(
    node: Node, value: Callable[[Node], Json], guide: Guide, not_checked: list[NotChecked]
) -> list[Json]:
    """Return the rules of a sliced array; a slice whose items cannot be told is noted as not checked."""
    groups: dict[bytes, tuple[Json, list[Node]]] = {}
    complete = True
    for slice_ in node.slices.values():
        try:
            condition = predicate(node, slice_, guide)
        except UndecidableError as reason:
            not_checked.append(NotChecked("slice", slice_.id, "undecidable", str(reason)))
            complete = False
            continue
        key = orjson.dumps(condition, option=orjson.OPT_SORT_KEYS)
        groups.setdefault(key, (condition, []))[1].append(slice_)
    slicing = node.element.get("slicing", {})
    if slicing.get("ordered") or slicing.get("rules") == "openAtEnd":
        not_checked.append(NotChecked("slice", node.id, "not-programmed", "order"))
    rules = [rule for condition, slices in groups.values() for rule in _group(condition, slices, value)]
    if complete and groups and slicing.get("rules") == "closed":
        any_slice = [condition for condition, _ in groups.values()]
        rules.append({"rule": "slice-closed", "element": node.id, "items": {"anyOf": any_slice}})
    return rules


def _group(condition: Json, slices: list[Node], value: Callable[[Node], Json]) -> list[Json]:
    """Return the rules of the slices that the same condition tells: nobody can say which of them it is."""
    element = slices[0].id
    minimum = sum(int(slice_.element["min"]) for slice_ in slices)
    maxima = [str(slice_.element["max"]) for slice_ in slices]
    rules: list[Json] = []
    if minimum:
        few = {"contains": condition, "minContains": minimum}
        rules.append({"rule": "slice-minimum", "element": element, **few})
    if _UNBOUNDED not in maxima:
        many = {"contains": condition, "minContains": 0, "maxContains": sum(map(int, maxima))}
        rules.append({"rule": "slice-maximum", "element": element, **many})
    # A slice that asks for nothing more accepts every item of the group.
    asked = [value(slice_) for slice_ in slices]
    if all(asked):
        then = asked[0] if len(asked) == 1 else {"rule": "slice", "element": element, "anyOf": asked}
        rules.append({"items": {"if": condition, "then": then}})
    return rules

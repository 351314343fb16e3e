"""Judges one answered body as FHIR R4, by the fast path or by both; what it says holds no value of the body.

Spec: https://hl7.org/fhir/R4/validation.html
"""

import re
from typing import Any, NamedTuple

import orjson

from lab.validation import fast
from lab.validation.base import resource_types
from lab.validation.check import check

NOT_FHIR = "not-fhir"
"""The rule that a success breaks whose body is no resource."""

UNCOVERED = "uncovered-type"
_SUCCESS = range(200, 300)
_INDEX = re.compile(r"\[\d+\]")
_STEP = re.compile(r"\[(\d+)\]|([^.\[]+(?:\[x\])?)")
_TYPES = frozenset(resource_types())


class Defective(NamedTuple):
    """A rule that a body breaks, and where; ``deep`` when the fast path does not see it."""

    where: str
    rule: str
    deep: bool = False


class Judgement(NamedTuple):
    """What a body is worth; ``unjudged`` says in a word why it was not judged, empty when it was."""

    wrong: tuple[Defective, ...] = ()
    unjudged: str = ""


def judge_body(content: bytes, status: int, *, deep: bool = False) -> Judgement:
    """Judge a body; with ``deep``, also what a schema cannot say of it, as far as it is a rule of R4."""
    resource = _resource(content)
    if resource is None:
        # A refusal may be said by a proxy, in its own words: only what was served has to be FHIR.
        return Judgement((Defective("", NOT_FHIR),)) if status in _SUCCESS else Judgement(unjudged=NOT_FHIR)
    found: tuple[fast.Defect, ...] = () if fast.is_valid(resource) else fast.defects(resource)
    wrong = [Defective(_place(resource, one.path), one.rule) for one in found if one.rule != UNCOVERED]
    if deep:
        seen = {(one.path, one.rule) for one in found}
        wrong += [
            Defective(_place(resource, one.path), one.rule, deep=True)
            for one in check(resource).errors
            if one.breaks_r4 and (one.path, one.rule) not in seen
        ]
    if not wrong and found:
        return Judgement(unjudged=UNCOVERED)
    return Judgement(tuple(dict.fromkeys(wrong)))


def _resource(content: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("resourceType"), str) else None


def _place(resource: dict[str, Any], path: str) -> str:
    """Return a place from the innermost resource that holds it, without indexes.

    ``Bundle.entry[3].resource.name[0].family`` is ``Patient.name.family`` when that entry is a Patient.
    """
    if resource["resourceType"] not in _TYPES:
        return _INDEX.sub("", path)
    node: Any = resource
    place = [resource["resourceType"]]
    for index, name in _STEP.findall(path.partition(".")[2]):
        if index:
            node = node[int(index)] if isinstance(node, list) and int(index) < len(node) else None
        else:
            node = node.get(name) if isinstance(node, dict) else None
            place.append(name)
        type_ = node.get("resourceType") if isinstance(node, dict) else None
        if isinstance(type_, str) and type_ in _TYPES:
            place = [type_]
    return ".".join(place)

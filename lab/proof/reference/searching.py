"""Search on the view: what is visible, as it looks, and nothing else, is given to the slow evaluator.

Spec: https://hl7.org/fhir/R4/search.html
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lab.fhir.search_parameters import definitions
from lab.proof.reference.client import Client
from lab.proof.reference.cohort import Hospital
from lab.proof.reference.search.evaluator import Hospital as Searched
from lab.proof.reference.search.fhirpath import Node, evaluate
from lab.proof.reference.search.values import RefusedError, local

Json = dict[str, Any]
Query = Sequence[tuple[str, str]]
_SHAPE = {
    "_count",
    "_sort",
    "_total",
    "_summary",
    "_elements",
    "_include",
    "_revinclude",
    "_pretty",
    "_format",
}
_LABELS = {"_tag", "_security"}
_LABEL = "the label of a reference to a patient"
_WORDS = re.compile(r"[A-Z][A-Za-z]+(?:\.[a-z][A-Za-z]*)+")


@dataclass(frozen=True)
class Found:
    """The matches by id, the view they were found in, and whether a refusal of level 5 is due."""

    type: str
    matches: dict[str, Json]
    view: tuple[Json, ...]
    masked: bool


def searched(client: Client, hospital: Hospital, type_: str, query: Query) -> Found | str:
    """Return what is found, or why this is not modelled."""
    criteria = [(name, value) for name, value in query if name.partition(":")[0] not in _SHAPE]
    touched = _touched(client.masks, type_, query)
    view = tuple(
        client.look_now(hospital, resource)
        for resource in hospital.resources
        if (
            client.sees(hospital, "search-type", resource)
            if resource["resourceType"] == type_
            else client.sees_on_the_way(hospital, resource)
        )
    )
    try:
        ids = Searched(view, hospital.now).search(type_, criteria)
    except RefusedError:
        return "refused by the specification"
    except (KeyError, AssertionError, ValueError, TypeError, AttributeError, IndexError):
        return "beyond the slow evaluator"
    found = {r["id"]: r for r in view if r["resourceType"] == type_ and r["id"] in ids}
    return Found(type_, found, view, touched)


def included(found: Found, matches: Sequence[Json], name: str, value: str) -> set[str] | None:
    """Return ``Type/id`` of what one include adds to some matches, None when it is not modelled."""
    source, _, rest = value.partition(":")
    code, _, only = rest.partition(":")
    definition = definitions(source).get(code)
    if definition is None or definition.type != "reference" or ":" in name:
        return None
    there = {f"{r['resourceType']}/{r['id']}" for r in found.view}
    if name == "_include":
        led = {
            place
            for r in matches
            if r["resourceType"] == source
            for place in _leads(r, definition.expression)
        }
        return {
            p
            for p in led & there
            if p.partition("/")[0] in definition.targets and only in {"", p.split("/")[0]}
        }
    wanted = {f"{r['resourceType']}/{r['id']}" for r in matches}
    wanted = {place for place in wanted if place.partition("/")[0] in definition.targets}
    sources = (r for r in found.view if r["resourceType"] == source)
    return {f"{source}/{r['id']}" for r in sources if wanted.intersection(_leads(r, definition.expression))}


def _leads(resource: Json, expression: str) -> Iterator[str]:
    for node in evaluate(expression, Node(resource["resourceType"], resource)):
        place = local(node.value.get("reference", "")) if isinstance(node.value, dict) else None
        if place:
            yield "/".join(place)


def _touched(masks: Sequence[str], type_: str, query: Query) -> bool:
    """Tell whether a query reads what is masked."""
    return any(
        _reads(of, code, mask) and (code in _LABELS or not _names_others(said, mask))
        for name, value in query
        for of, code, said in _read(type_, name, value)
        for mask in masks
    )


def _names_others(said: str, mask: str) -> bool:
    """Tell whether a token names, in every alternative, a system other than those that a mask hides."""
    _, _, systems = mask.partition(".where(")
    named = [alternative.partition("|") for alternative in said.split(",")]
    return bool(systems) and all(bar and system and f"'{system}'" not in systems for system, bar, _ in named)


def _read(type_: str, name: str, value: str) -> Iterator[tuple[str, str, str]]:
    """Yield the (type, parameter, plain value) along a criterion, an order or an include."""
    if name == "_sort":
        yield from ((type_, code.removeprefix("-"), "") for code in value.split(","))
    elif name.partition(":")[0] in {"_include", "_revinclude"}:
        source, _, rest = value.partition(":")
        yield source, rest.partition(":")[0], ""
    elif name.startswith("_has:"):
        _, source, code, rest = name.split(":", 3)
        yield source, code, ""
        yield from _read(source, rest, value)
    elif "." in name:
        link, rest = name.split(".", 1)
        code, _, only = link.partition(":")
        yield type_, code, ""
        definition = definitions(type_).get(code)
        for target in (only,) if only else definition.targets if definition else ():
            yield from _read(target, rest, value)
    else:
        code, _, modifier = name.partition(":")
        yield type_, code, "" if modifier else value
        definition = definitions(type_).get(code)
        if modifier == "identifier" and definition:
            yield from ((target, "identifier", value) for target in definition.targets)
            yield from [("Patient", _LABEL, "")] if "Patient" in definition.targets else []


def sensitive(masks: Sequence[str], type_: str) -> list[str]:
    """Return the parameters of a type that read what is masked."""
    return [code for code in sorted(definitions(type_)) if any(_reads(type_, code, mask) for mask in masks)]


def _reads(type_: str, code: str, mask: str) -> bool:
    if code == _LABEL:
        return mask.startswith("Patient.")
    if code == "*" or (code in _LABELS and mask.partition(".")[0] == type_):
        return True
    path = mask.partition(".where(")[0]
    definition = definitions(type_).get(code)
    if definition is None or path.partition(".")[0] != type_:
        return False
    read = [w for w in _WORDS.findall(definition.expression) if w.startswith(f"{type_}.")]
    whole = not read or type_ in map(str.strip, definition.expression.split("|"))
    read += [
        f"{base}.{inner.partition('.as(')[0]}"
        for base in [*read, *([type_] if whole else [])]
        for component in definition.components
        for inner in component.expression.split("|")
    ]
    return any(_overlap(word, path) for word in read) or not definition.expression


def _overlap(one: str, other: str) -> bool:
    shorter, longer = sorted((one.strip().split("."), other.split(".")), key=len)
    return longer[: len(shorter)] == shorter

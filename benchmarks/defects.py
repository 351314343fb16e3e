"""Draws labelled defects from valid FHIR resources, by definitions that are not ours.

What is required, coded, of one or of many, and what a reference may name, is read from the classes of
``fhir.resources`` (R4B): the checker under measure has no part in it. ``deep_defects`` are about two values,
which no class and no schema compares.
"""

import copy
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

Json = dict[str, Any]

_TYPE = re.compile(r"abc\.(\w+?)Type\b")
_DATES = re.compile(r"\b(Date|DateTime|Instant)\(\)")


@dataclass(frozen=True)
class Defect:
    """A copy of a resource with one thing wrong; ``kind`` says which."""

    kind: str
    where: str
    resource: Json


@dataclass(frozen=True)
class _Place:
    path: tuple[str | int, ...]
    name: str
    field: Any
    value: Any

    @property
    def says(self) -> Mapping[str, Any]:
        extra = self.field.json_schema_extra
        return extra if isinstance(extra, dict) else {}

    @property
    def many(self) -> bool:
        return "List[" in str(self.field.annotation)


def defects(resource: Json, each: int, chance: random.Random) -> Iterator[Defect]:
    """Yield at most ``each`` defects of each kind."""
    by_kind: dict[str, list[Defect]] = {}
    for place in _places(resource, resource["resourceType"], ()):
        for kind, value in _wrong(place):
            made = copy.deepcopy(resource)
            owner = _at(made, place.path)
            if value is None:
                del owner[place.name]
            else:
                owner[place.name if kind != "choice" else value[0]] = value if kind != "choice" else value[1]
            by_kind.setdefault(kind, []).append(Defect(kind, _shown(place), made))
    for kind, made in _unknown(resource):
        by_kind.setdefault(kind, []).append(Defect(kind, "", made))
    for found in by_kind.values():
        yield from chance.sample(found, min(each, len(found)))


def deep_defects(resource: Json) -> Iterator[Defect]:
    """Yield defects that only a comparison of two values shows, one of each kind that the resource allows."""
    for place in _places(resource, resource["resourceType"], ()):
        if _TYPE.search(str(place.field.annotation)) and isinstance(place.value, dict):
            start = place.value.get("start")
            if isinstance(start, str):
                made = copy.deepcopy(resource)
                _at(made, place.path)[place.name] = {
                    **place.value,
                    "start": "2031-01-02",
                    "end": "2030-01-02",
                }
                yield Defect("period", _shown(place), made)
            if isinstance(place.value.get("reference"), str):
                made = copy.deepcopy(resource)
                _at(made, place.path)[place.name] = {**place.value, "reference": "#nobody-of-that-name"}
                yield Defect("fragment", _shown(place), made)
    yield Defect(
        "contained",
        "contained",
        {**resource, "contained": [{"resourceType": "Organization", "id": "alone", "name": "x"}]},
    )
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><script>1</script></div>'
    yield Defect("narrative", "text", {**resource, "text": {"status": "generated", "div": div}})


def _wrong(place: _Place) -> Iterator[tuple[str, Any]]:
    """Yield what makes the element of a place wrong, by kind; None stands for its absence."""
    if place.field.is_required():
        yield "required", None
    if place.many and isinstance(place.value, list) and place.value:
        yield "one for many", place.value[0]
    elif not place.many and not isinstance(place.value, list):
        yield "many for one", [place.value]
    choice = place.says.get("one_of_many")
    if choice in {"value", "deceased", "multipleBirth"}:
        boolean = not place.name.endswith("Boolean")
        yield "choice", (f"{choice}Boolean", True) if boolean else (f"{choice}String", "x")
    yield from _wrong_value(place)


def _wrong_value(place: _Place) -> Iterator[tuple[str, Any]]:
    if isinstance(place.value, dict):
        yield "type", "text"
        targets = place.says.get("enum_reference_types", ())
        if targets and not {"Resource", "Any", "Basic"} & set(targets):
            yield "target", {"reference": "Basic/1"}
    elif isinstance(place.value, bool | int | float):
        yield "type", str(place.value)
    elif isinstance(place.value, str) and place.says.get("enum_values"):
        yield "code", "no-such-code"
    elif isinstance(place.value, str) and _DATES.search(str(place.field.annotation)):
        yield "date", "2026-13-41"


def _unknown(resource: Json) -> Iterator[tuple[str, Json]]:
    yield "unknown element", {**resource, "noSuchElement": "x"}
    yield "empty array", {**resource, "extension": []}
    yield "null", {**resource, "language": None}
    yield "empty text", {**resource, "language": ""}
    yield "unknown type", {**resource, "resourceType": "Patiente"}


def _places(element: Json, type_: str, path: tuple[str | int, ...]) -> Iterator[_Place]:
    """Yield every element of the resource that a class knows, deep."""
    try:
        fields = {
            (field.alias or name): field for name, field in get_fhir_model_class(type_).model_fields.items()
        }
    except KeyError:
        return
    for name, value in element.items():
        field = fields.get(name)
        if field is None or name in {"resourceType", "text", "contained"}:
            continue
        yield _Place(path, name, field, value)
        inner = _TYPE.search(str(field.annotation))
        if inner is None or inner[1] in {"Resource", "Extension"}:
            continue
        items: Sequence[Any] = value if isinstance(value, list) else [value]
        for number, item in enumerate(items):
            if isinstance(item, dict):
                step = (name, number) if isinstance(value, list) else (name,)
                yield from _places(item, inner[1], (*path, *step))


def _at(resource: Json, path: tuple[str | int, ...]) -> Any:
    owner: Any = resource
    for step in path:
        owner = owner[step]
    return owner


def _shown(place: _Place) -> str:
    return ".".join(map(str, (*place.path, place.name)))

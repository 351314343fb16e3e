"""The value that an operation of a FHIRPath Patch carries, as the JSON of the place it is for.

A value of an anonymous type (``Patient.contact``) is given as parts, as deep as necessary.
Spec: https://hl7.org/fhir/R4/fhirpatch.html#anonymous
"""

from typing import Any, NamedTuple

from lab.fhir.strict_json import Json
from lab.fhirserver.fhirpath_place import Place
from lab.fhirserver.shapes import RESOURCE, Shape, is_complex, names, shape, takes
from lab.model.release import Release


class WrongValueError(ValueError):
    """A value that is none, or not of a type that the place takes."""


class Value(NamedTuple):
    """``json`` stands under ``name``; of a primitive, ``rest`` (its id and extensions) under ``_name``."""

    name: str
    shape: Shape
    json: Any
    rest: Any = None


def read_value(part: Json, owner: str, element: str, release: Release) -> Value:
    """Return the value of a part for an element of a type of the release.

    Raises:
        WrongValueError: see there.
    """
    given = [name for name in part if name not in {"name", "id"}]
    keys = {name.removeprefix("_") for name in given}
    if len(keys) != 1:
        raise WrongValueError
    (key,) = keys
    if key in {"part", "resource"}:
        name, found = _only(owner, element, release)
        if key == "resource" and found.type == RESOURCE and isinstance(part[key], dict):
            return Value(name, found, part[key])
        if key == "part" and found.type != RESOURCE and is_complex(found.type, release):
            return Value(name, found, _built(part[key], found.type, release))
        raise WrongValueError
    suffix = key.removeprefix("value") if key.startswith("value") else ""
    name, found = _named(owner, element, suffix, release)
    value, rest = part.get(key), part.get(f"_{key}")
    if is_complex(found.type, release) and (rest is not None or not isinstance(value, dict)):
        raise WrongValueError
    return Value(name, found, value, rest)


def add(owner: Json, value: Value) -> None:
    """Add a value to an object: at the end when the element repeats.

    Raises:
        WrongValueError: the element does not repeat and is there.
    """
    if value.shape.repeats:
        insert(owner, value, len(_pairs(owner, value.name)))
    elif value.name in owner or f"_{value.name}" in owner:
        raise WrongValueError
    else:
        _assign(owner, value.name, value.json, value.rest)


def insert(owner: Json, value: Value, index: int) -> None:
    """Insert a value into a list."""
    pairs = _pairs(owner, value.name)
    pairs.insert(index, (value.json, value.rest))
    _store(owner, value.name, pairs)


def replace(place: Place, value: Value) -> None:
    """Put a value in the place of another, of another type if the element is a choice."""
    if place.at is None:
        if value.name != place.name:
            _assign(place.owner, place.name, None, None)
        _assign(place.owner, value.name, value.json, value.rest)
        return
    pairs = _pairs(place.owner, place.name)
    pairs[place.at] = (value.json, value.rest)
    _store(place.owner, place.name, pairs)


def remove(place: Place) -> None:
    """Remove a value; a list that becomes empty goes with it."""
    if place.at is None:
        _assign(place.owner, place.name, None, None)
        return
    pairs = _pairs(place.owner, place.name)
    del pairs[place.at]
    _store(place.owner, place.name, pairs)


def move(owner: Json, name: str, source: int, destination: int) -> None:
    """Move a value within its list."""
    pairs = _pairs(owner, name)
    pairs.insert(destination, pairs.pop(source))
    _store(owner, name, pairs)


def length(owner: Json, name: str) -> int:
    """Return how many values an element has."""
    return len(_pairs(owner, name))


def _only(owner: str, element: str, release: Release) -> tuple[str, Shape]:
    for name in names(owner, element, release):
        found = shape(owner, name, release)
        if found is not None and name == element:
            return name, found
    raise WrongValueError


def _named(owner: str, element: str, suffix: str, release: Release) -> tuple[str, Shape]:
    """Return the JSON name for a value of the type that ends its name, as in ``valueHumanName``."""
    known = names(owner, element, release)
    name = element if element in known else element + suffix
    found = shape(owner, name, release) if name in known and suffix else None
    types = (suffix, suffix[:1].lower() + suffix[1:])
    if found is None or not any(takes(found.type, type_) for type_ in types):
        raise WrongValueError
    return name, found


def _built(parts: Any, type_: str, release: Release) -> Json:
    built: Json = {}
    if not isinstance(parts, list):
        raise WrongValueError
    for part in parts:
        if not isinstance(part, dict) or not isinstance(part.get("name"), str):
            raise WrongValueError
        add(built, read_value(part, type_, part["name"], release))
    return built


def _pairs(owner: Json, name: str) -> list[tuple[Any, Any]]:
    """Return the values of a list, each with its rest."""
    values, rests = (list(owner.get(key) or ()) for key in (name, f"_{name}"))
    longest = max(len(values), len(rests))
    padded = (rows + [None] * (longest - len(rows)) for rows in (values, rests))
    return list(zip(*padded, strict=True))


def _store(owner: Json, name: str, pairs: list[tuple[Any, Any]]) -> None:
    columns = ([pair[n] for pair in pairs] for n in (0, 1))
    value, rest = (column if any(each is not None for each in column) else None for column in columns)
    _assign(owner, name, value, rest)


def _assign(owner: Json, name: str, value: Any, rest: Any) -> None:
    for key, given in ((name, value), (f"_{name}", rest)):
        if given is None:
            owner.pop(key, None)
        else:
            owner[key] = given

"""Apply a FHIRPath Patch, a Parameters resource, to a resource.

All five operations on the paths that ``fhirpath_place`` understands. Values must be of the type of their
place or a narrower one; ``insert`` and ``move`` take the path of the list itself (``Patient.name``).

Spec: https://hl7.org/fhir/R4/fhirpatch.html
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from lab.fhir.strict_json import Json, read
from lab.fhirserver import fhirpath_value
from lab.fhirserver.fhirpath_place import PathError, Place, Step, inside, parse, select
from lab.fhirserver.fhirpath_value import WrongValueError, read_value
from lab.fhirserver.patch_error import malformed, unprocessable
from lab.fhirserver.shapes import shape
from lab.model.release import Release

MAX_OPERATIONS = 1000
_PARTS = {
    "add": {"path", "name", "value"},
    "insert": {"path", "index", "value"},
    "delete": {"path"},
    "replace": {"path", "value"},
    "move": {"path", "source", "destination"},
}
_TYPES: dict[str, tuple[str, type]] = {
    "type": ("valueCode", str),
    "path": ("valueString", str),
    "name": ("valueString", str),
    "index": ("valueInteger", int),
    "source": ("valueInteger", int),
    "destination": ("valueInteger", int),
}


class Operation(NamedTuple):
    """One operation: its type, its simple parts by name, and the part that carries a value."""

    type: str
    parts: dict[str, Any]
    value: Json

    @property
    def path(self) -> str:
        """Return the path."""
        return str(self.parts["path"])


class _MisfitError(ValueError):
    """An operation that does not fit the resource; the argument says why."""


def fhirpath_patch(body: bytes, release: Release) -> Callable[[Json], Json]:
    """Return the function that patches a resource of the release; it changes the one it is given.

    Raises:
        FhirError: 400 for a document that is no FHIRPath Patch; from the function, 422 when the patch does
            not fit the resource.
    """
    document = read(body)
    given = document.get("parameter", [])
    if document.get("resourceType") != "Parameters" or not isinstance(given, list) or not given:
        raise malformed("A FHIRPath Patch is a Parameters resource with parameters named operation.")
    if len(given) > MAX_OPERATIONS:
        raise malformed(f"A patch has at most {MAX_OPERATIONS} operations.")
    operations = [_operation(n, parameter) for n, parameter in enumerate(given)]

    def patch(resource: Json) -> Json:
        for n, operation in enumerate(operations):
            try:
                _apply(resource, operation, release)
            except PathError:
                raise unprocessable(n, "has a path that is not understood, or is of no element") from None
            except WrongValueError:
                raise unprocessable(n, "has a value that its place does not take, or already has") from None
            except _MisfitError as error:
                raise unprocessable(n, str(error)) from None
        return resource

    return patch


def _operation(n: int, parameter: Any) -> Operation:
    listed = parameter.get("part") if isinstance(parameter, dict) else None
    if not isinstance(listed, list) or parameter.get("name") != "operation":
        raise malformed(f"Parameter {n} of the patch is not named operation, or has no parts.")
    parts = {p["name"]: p for p in listed if isinstance(p, dict) and isinstance(p.get("name"), str)}
    simple = {name: _simple(parts[name], *_TYPES[name]) for name in parts.keys() & _TYPES.keys()}
    type_ = simple.pop("type", None)
    if type_ not in _PARTS:
        raise malformed(f"Operation {n} of the patch is none of {', '.join(_PARTS)}.")
    if parts.keys() != _PARTS[type_] | {"type"} or len(parts) != len(listed) or None in simple.values():
        named = ", ".join(sorted(_PARTS[type_]))
        raise malformed(f"Operation {n} of the patch needs type, {named}, each once and of its type.")
    return Operation(type_, simple, parts.get("value", {}))


def _simple(part: Json, key: str, type_: type) -> Any:
    value = part.get(key)
    return value if isinstance(value, type_) and not isinstance(value, bool) else None


def _apply(resource: Json, operation: Operation, release: Release) -> None:
    steps = parse(operation.path, resource["resourceType"])
    if operation.type in {"insert", "move"}:
        _on_list(resource, steps, operation, release)
        return
    places = select(resource, steps, release)
    if operation.type == "delete" and not places:
        return
    place = _single(places)
    if operation.type == "add":
        present = list(inside(place, operation.parts["name"]))
        value = read_value(operation.value, place.of, operation.parts["name"], release)
        if present and not value.shape.repeats:  # be it of another type of a choice
            raise WrongValueError
        fhirpath_value.add(place.value, value)
    elif not steps:
        raise _MisfitError("would replace or delete the whole resource")
    elif operation.type == "delete":
        fhirpath_value.remove(place)
    else:
        value = read_value(operation.value, place.within, place.element, release)
        fhirpath_value.replace(place, value)


def _on_list(resource: Json, steps: list[Step], operation: Operation, release: Release) -> None:
    if not steps or steps[-1][0] != "member":
        raise _MisfitError("needs the path of a list, without an index")
    parent = _single(select(resource, steps[:-1], release))
    element = steps[-1][1]
    found = shape(parent.of, element, release)
    if found is None or not found.repeats:
        raise _MisfitError("needs the path of an element that repeats")
    owner, most = parent.value, fhirpath_value.length(parent.value, element)
    if operation.type == "insert":
        if not 0 <= operation.parts["index"] <= most:
            raise _MisfitError("has an index beyond the end of the list")
        value = read_value(operation.value, parent.of, element, release)
        fhirpath_value.insert(owner, value, operation.parts["index"])
        return
    source, destination = operation.parts["source"], operation.parts["destination"]
    if not (0 <= source < most and 0 <= destination < most):
        raise _MisfitError("has an index beyond the end of the list")
    fhirpath_value.move(owner, element, source, destination)


def _single(places: list[Place]) -> Place:
    if len(places) != 1:
        raise _MisfitError("has a path that leads to no element, or to several")
    return places[0]

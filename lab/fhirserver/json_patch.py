"""Apply a JSON Patch to a resource, strictly: what the RFC does not define is refused.

Written here because the libraries compare ``1`` with ``true`` as equal and repeat values in their messages.
What copies of copies could make too large is refused before it is made.

Specs: https://www.rfc-editor.org/rfc/rfc6902, https://www.rfc-editor.org/rfc/rfc6901
"""

import re
from collections.abc import Callable
from typing import Any

from lab.fhir.strict_json import MAX_BODY, Json, exact_value, read_value, write
from lab.fhirserver.patch_error import malformed, unprocessable, whole_resource

MAX_OPERATIONS = 1000
_MEMBERS = {"add": "value", "replace": "value", "test": "value", "move": "from", "copy": "from", "remove": ""}
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


def json_patch(body: bytes) -> Callable[[Json], Json]:
    """Return the function that patches a resource; it changes the one it is given.

    Raises:
        FhirError: 400 for a document that is no JSON Patch; from the function, 422 when the patch does not
            fit the resource or one of its tests fails.
    """
    operations = read_value(body)
    if not isinstance(operations, list) or len(operations) > MAX_OPERATIONS:
        raise malformed(f"A JSON Patch is an array of operations, at most {MAX_OPERATIONS}.")
    for n, operation in enumerate(operations):
        _check(n, operation)

    def patch(resource: Json) -> Json:
        whole: Any = {"": resource}
        copied = 0
        for n, operation in enumerate(operations):
            try:
                copied += _apply(whole, operation, n)
            except (LookupError, TypeError):
                raise unprocessable(n, "has a path that does not fit the resource") from None
            if copied > MAX_BODY:
                raise unprocessable(n, "makes the resource too large")
        return whole_resource(whole.get(""))

    return patch


def _check(n: int, operation: Any) -> None:
    if not isinstance(operation, dict) or operation.get("op") not in tuple(_MEMBERS):
        raise malformed(f"Operation {n} of the patch is none of {', '.join(_MEMBERS)}.")
    needed = _MEMBERS[operation["op"]]
    if needed and needed not in operation:
        raise malformed(f"Operation {n} of the patch lacks {needed}.")
    for name in ("path", *(["from"] if needed == "from" else [])):
        pointer = operation.get(name)
        if not isinstance(pointer, str) or not _POINTER.fullmatch(pointer):
            raise malformed(f"Operation {n} of the patch has a {name} that is no JSON Pointer.")


def _apply(whole: Any, operation: Json, n: int) -> int:
    """Apply an operation and return how many bytes it copied.

    Raises:
        FhirError: 422 when it is a test that fails.
        LookupError: a path leads nowhere.
        TypeError: a path goes through a value that has no members, or a copy is too deep to be written.
    """
    path, op = _tokens(operation["path"]), operation["op"]
    if op == "test":
        if not _equal(_get(whole, path), operation["value"]):
            raise unprocessable(n, "is a test that failed")
        return 0
    if op in {"move", "copy"}:
        source = _tokens(operation["from"])
        if op == "move" and path[: len(source)] == source and path != source:
            raise LookupError
        value = _get(whole, source)
        if op == "move":
            _remove(whole, source)
            _add(whole, path, value)
            return 0
        text = write(value)
        _add(whole, path, exact_value(text))
        return len(text)
    if op in {"remove", "replace"}:
        _get(whole, path)
        if op == "replace" and not _in_list(whole, path):
            _get(whole, path[:-1])[path[-1]] = operation["value"]
            return 0
        _remove(whole, path)
    if op != "remove":
        _add(whole, path, operation["value"])
    return 0


def _tokens(pointer: str) -> list[str]:
    """Return the steps from the holder of the resource, whose one member is named ``""``."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")]


def _get(node: Any, path: list[str]) -> Any:
    for step in path:
        node = node[_index(step, len(node) - 1)] if isinstance(node, list) else _object(node)[step]
    return node


def _in_list(whole: Any, path: list[str]) -> bool:
    return isinstance(_get(whole, path[:-1]), list)


def _add(whole: Any, path: list[str], value: Any) -> None:
    parent = _get(whole, path[:-1])
    if isinstance(parent, list):
        parent.insert(len(parent) if path[-1] == "-" else _index(path[-1], len(parent)), value)
    else:
        _object(parent)[path[-1]] = value


def _remove(whole: Any, path: list[str]) -> None:
    parent = _get(whole, path[:-1])
    del parent[_index(path[-1], len(parent) - 1) if isinstance(parent, list) else path[-1]]


def _index(step: str, most: int) -> int:
    if not _INDEX.fullmatch(step) or int(step) > most:
        raise LookupError
    return int(step)


def _object(node: Any) -> Json:
    if not isinstance(node, dict):
        raise TypeError
    return node


def _equal(one: Any, other: Any) -> bool:
    """Compare as RFC 6902 does: numbers by value, and a boolean is no number."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)

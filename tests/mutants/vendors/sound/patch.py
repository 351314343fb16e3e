"""JSON Patch: add, remove, replace, test.

Spec: RFC 6902
"""

import copy
from typing import Any

from tests.mutants.vendors.sound.message import Json, Refused


def patched(body: Json, operations: Any) -> Json:
    """Return a resource with operations applied, all or none."""
    made = copy.deepcopy(body)
    try:
        for operation in operations:
            _apply(made, operation)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        raise Refused(422, "processing", "The patch cannot be applied.") from None
    return made


def _apply(body: Json, operation: Json) -> None:
    *path, last = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
    node: Any = body
    for part in path:
        node = node[int(part)] if isinstance(node, list) else node[part]
    key: Any = last
    if isinstance(node, list):
        key = len(node) if last == "-" else int(last)
    match operation["op"]:
        case "test":
            if node[key] != operation["value"]:
                raise Refused(422, "processing", "The patch cannot be applied.")
        case "add" if isinstance(node, list):
            node.insert(key, operation["value"])
        case "add":
            node[key] = operation["value"]
        case "replace":
            node[key]
            node[key] = operation["value"]
        case "remove":
            del node[key]
        case _:
            raise Refused(400, "structure", "The patch holds an unknown operation.")

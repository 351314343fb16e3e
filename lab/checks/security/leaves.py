"""Walk any JSON value without recursion: what a server answers may be nested as deep as its author likes."""

from collections.abc import Iterator
from typing import Any


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a JSON value, itself included."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the path (``name[0].family``) and value of everything that holds nothing else, in order."""
    waiting = [("", value)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, dict) and node:
            inner = [(f"{path}.{name}" if path else str(name), item) for name, item in node.items()]
        elif isinstance(node, list) and node:
            inner = [(f"{path}[{place}]", item) for place, item in enumerate(node)]
        else:
            yield path, node
            continue
        waiting += reversed(inner)


def last_name(path: str) -> str:
    """Return the name of the element at the end of a path."""
    return path.rpartition(".")[2].partition("[")[0]

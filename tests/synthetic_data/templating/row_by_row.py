"""Fill a template for one row, slowly, straight from the three rules of `synthetic_data/templating/shape.py`.

Written apart from the generator's own code, so that both can be compared.
"""

import re
from typing import Any

GONE = object()
_PLACEHOLDER = re.compile(r"\$([a-z_]+)(\??)")


def filled(node: Any, row: dict[str, Any]) -> Any:
    """Give the JSON value of a node for a row, GONE when it goes away."""
    if isinstance(node, str):
        return _text(node, row)
    if not isinstance(node, dict | list):
        return node
    pairs = list(node.items()) if isinstance(node, dict) else list(enumerate(node))
    children = [(key, child, filled(child, row)) for key, child in pairs]
    held = [(child, value) for _, child, value in children if holds_values(child)]
    # Rule 2: a missing value takes away what directly holds it, unless it is written with a `?`.
    if any(value is GONE and isinstance(child, str) and "?" not in _slot(child)[2] for child, value in held):
        return GONE
    # Rule 3: left without any of its values, an object or list goes away with its constants.
    if held and all(value is GONE for _, value in held):
        return GONE
    left = [(key, value) for key, _, value in children if value is not GONE]
    return dict(left) if isinstance(node, dict) else [value for _, value in left]


def holds_values(node: Any) -> bool:
    if isinstance(node, dict):
        return any(map(holds_values, node.values()))
    if isinstance(node, list):
        return any(map(holds_values, node))
    return isinstance(node, str) and "$" in node


def _slot(text: str) -> tuple[str, str, str, str]:
    found = _PLACEHOLDER.search(text)
    assert found
    return text[: found.start()], found[1], found[2], text[found.end() :]


def _text(text: str, row: dict[str, Any]) -> Any:
    """Rule 1: alone, the value keeps its type; within a text, it becomes text."""
    if "$" not in text:
        return text
    before, name, _, after = _slot(text)
    value = row[name]
    if value is None:
        return GONE
    return f"{before}{value}{after}" if before or after else value

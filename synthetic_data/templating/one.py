"""Fill a part of a template with one set of values: the rules of `shape`, one by one.

Serves the parts that depend on a code alone, which are filled once for each code.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from synthetic_data.templating.shape import Constant, Node, Part, Slot, holds_values


def fill_one(node: Node, values: Mapping[str, Any]) -> str | None:
    """Give the JSON text of a node, None when it goes away. KeyError when a value is not given."""
    if isinstance(node, Constant):
        return node.text
    if isinstance(node, Slot):
        return slot_text(node, values[node.name])
    filled = [(child, fill_one(child, values)) for child in node.children]
    lost = any(text is None and _needed(child) for child, text in filled)
    alive = any(text is not None and holds_values(child) for child, text in filled)
    if lost or not alive:
        return None
    keys = node.keys or [None] * len(filled)
    members = [
        text if key is None else f'"{key}":{text}'
        for key, (_, text) in zip(keys, filled, strict=True)
        if text is not None
    ]
    brackets = "[]" if node.keys is None else "{}"
    return f"{brackets[0]}{','.join(members)}{brackets[1]}"


def slot_text(slot: Slot, value: Any) -> str | None:
    """Give the JSON text of a placeholder, None when the value is missing."""
    if value is None:
        return None
    written = value if slot.whole else f"{slot.before}{value}{slot.after}"
    return orjson.dumps(written).decode()


def slots(node: Node) -> tuple[str, ...]:
    """Give the names of the placeholders of a node, in order, each once."""
    if isinstance(node, Slot):
        return (node.name,)
    if isinstance(node, Part):
        return tuple(dict.fromkeys(name for child in node.children for name in slots(child)))
    return ()


def _needed(child: Node) -> bool:
    return isinstance(child, Slot) and not child.optional

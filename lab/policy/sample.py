"""What an application sees of one resource: the lines that go, stay and come, as in a diff."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from lab.fhir.policy import Policy
from lab.gateway.mask import compile_mask
from lab.gateway.seen import Eyes

_WIDTH = 88
Mark = Literal[" ", "-", "+"]


@dataclass(frozen=True)
class Line:
    """A line of JSON: ``-`` is hidden, ``+`` stands in its place, blank is given as it is."""

    mark: Mark
    text: str


def before_and_after(policy: Policy, resource: dict[str, Any]) -> tuple[Line, ...]:
    """Return a resource as it is stored and as the application sees it, when it is in its cohort."""
    seen = Eyes(compile_mask(policy.masks)).see(deepcopy(resource)) if policy.masks else resource
    return tuple(_difference(_lines(resource), _lines(_ordered(seen, resource))))


def _ordered(node: Any, like: Any) -> Any:
    """Return JSON with its members in the order of another one: to JSON, order is no difference."""
    if not isinstance(node, dict) or not isinstance(like, dict):
        return node
    names = [name for name in like if name in node] + [name for name in node if name not in like]
    return {name: _ordered(node[name], like.get(name)) for name in names}


def _lines(node: Any, name: str = "", indent: str = "") -> list[str]:
    """Return JSON, what fits on a line on one line."""
    short = f"{indent}{name}{json.dumps(node, ensure_ascii=False)}"
    if len(short) <= _WIDTH or not isinstance(node, dict | list) or not node:
        return [short]
    inner = indent + "  "
    pairs = node.items() if isinstance(node, dict) else (("", item) for item in node)
    parts = [_lines(one, f"{json.dumps(key)}: " if key else "", inner) for key, one in pairs]
    lines = [line + "," * (line is part[-1] and part is not parts[-1]) for part in parts for line in part]
    opening, closing = "{}" if isinstance(node, dict) else "[]"
    return [f"{indent}{name}{opening}", *lines, indent + closing]


def _difference(before: list[str], after: list[str]) -> Iterator[Line]:
    # A comma that only follows what comes next is no difference.
    plain = [[line.rstrip(",") for line in lines] for lines in (before, after)]
    matcher = SequenceMatcher(a=plain[0], b=plain[1], autojunk=False)
    for kind, begun, ended, first, last in matcher.get_opcodes():
        if kind == "equal":
            yield from (Line(" ", line) for line in before[begun:ended])
        else:
            yield from (Line("-", line) for line in before[begun:ended])
            yield from (Line("+", line) for line in after[first:last])

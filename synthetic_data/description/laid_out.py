"""Lay a line of JSON out for a reader: one member per line, short ones together, numbers as written."""

import json
from typing import Any

from synthetic_data.description.inert import inert

_WIDEST = 88
_INDENT = "  "
_LONGEST = 20_000


class _Number(str):
    """A number kept as it is written: 1.10 is not 1.1 in FHIR."""

    __slots__ = ()


def laid_out(line: str) -> str:
    """Give readable JSON, long and invisible texts made harmless; a line that is no JSON as it is."""
    try:
        value = json.loads(line, parse_float=_Number, parse_int=_Number)
    except (json.JSONDecodeError, RecursionError):
        return inert(line, _LONGEST)
    return inert(_written(value, 0), _LONGEST)


def _written(value: Any, depth: int) -> str:
    short = _on_one_line(value)
    if len(short) + depth * len(_INDENT) <= _WIDEST and not _holds_objects(value):
        return short
    before, after = _INDENT * (depth + 1), _INDENT * depth
    if isinstance(value, dict) and value:
        members = (f"{before}{_quoted(name)}: {_written(one, depth + 1)}" for name, one in value.items())
        return "{\n" + ",\n".join(members) + f"\n{after}}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"{before}{_written(one, depth + 1)}" for one in value) + f"\n{after}]"
    return short


def _holds_objects(value: Any) -> bool:
    """Tell whether something deserves lines of its own: an object that holds others."""
    return isinstance(value, dict) and any(isinstance(one, dict) and len(one) > 1 for one in value.values())


def _on_one_line(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(name)}: {_on_one_line(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_on_one_line, value)) + "]"
    return str(value) if isinstance(value, _Number) else _quoted(value)


def _quoted(value: Any) -> str:
    return json.dumps(inert(value) if isinstance(value, str) else value, ensure_ascii=False)

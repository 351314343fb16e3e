"""What is wrong with a resource, as short lines: what a verification of very many resources asks.

Resources that differ only by free texts and by the digits of values are validated once. What digits and texts
alone can break (calendar, keys of identifiers, bounds) is for whoever asks to check on all of them.
"""

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from lab.validation.check import check, is_valid

_DIGITS = str.maketrans("123456789", "000000000")
# No rule looks into these texts, but that they are there and not blank.
_FREE = frozenset(
    {"family", "given", "text", "line", "city", "display", "description", "valueString", "conclusion", "data"}
)
# No code list of these elements distinguishes digits.
_DIGITAL = frozenset({"id", "value", "reference", "postalCode", "birthDate", "start", "end"})
_COMMUNE = re.compile(r"[0-9][0-9AB][0-9]{3}")  # INSEE: its list is not at hand, so no rule looks into it
_MOST_REMEMBERED = 50_000
_NAME_BYTES = 16
_remembered: dict[bytes, list[str]] = {}


def wrongs(resource: Mapping[str, Any]) -> list[str]:
    """Return a line for each error, `path: rule`, without any value; a valid resource gives none.

    A type that the definitions at hand do not cover is an error here: nothing was checked.
    """
    # An outline is named by its digest: thousands of them as they stand would fill the memory.
    outline = blake2b(orjson.dumps(_outline(resource, "")), digest_size=_NAME_BYTES).digest()
    known = _remembered.get(outline)
    if known is None:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        known = _remembered[outline] = _found(resource)
    return known


def _found(resource: Mapping[str, Any]) -> list[str]:
    if is_valid(resource):
        return []
    report = check(resource)
    found = [f"{finding.path}: {finding.rule}" for finding in report.errors]
    return found or [f"{one.where}: not covered" for one in report.not_checked if one.kind == "type"]


def _outline(node: Any, name: str) -> Any:
    """Give a JSON value with its free texts and the digits of its values wiped out."""
    if isinstance(node, str):
        return _wiped(node, name)
    if isinstance(node, Mapping):
        return {key: _outline(value, key) for key, value in node.items()}
    if isinstance(node, list):
        return [_outline(item, name) for item in node]
    return node


def _wiped(text: str, name: str) -> str:
    """Give what rules may look at in the text of an element."""
    if name in _FREE:
        return "a" if text and text == text.strip() else text
    if name == "value" and "@" in text:
        return "mail"
    if name in _DIGITAL or name.endswith(("DateTime", "Date")):
        return text.translate(_DIGITS)
    return "commune" if name == "code" and _COMMUNE.fullmatch(text) else text

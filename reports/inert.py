"""Makes recorded text harmless to show: invisible characters become visible, lengths and depths bounded.

Escaping is not done here: the template engine and the XML writer do it. What they let through is what
deceives a reader (right-to-left overrides, zero-width characters: https://www.unicode.org/reports/tr36/)
or what XML 1.0 forbids (control characters, lone surrogates: https://www.w3.org/TR/xml/#charsets).
"""

import re
from collections.abc import Mapping
from typing import Any

LONGEST = 20_000
DEEPEST = 40

# Written out rather than taken from unicodedata, whose tables change with the version of Python.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\uffff\U000e0000-\U000e007f]"
)


def inert(value: Any, depth: int = DEEPEST) -> Any:
    """Return a copy of JSON data in which every string, keys included, is safe to escape and show.

    An invisible character becomes ``[U+202E]``; a string longer than ``LONGEST`` characters is cut and
    ends with ``[… +n]``; what is nested deeper than ``depth`` becomes ``…``.
    """
    if isinstance(value, str):
        return _visible(value)
    if not isinstance(value, Mapping | list | tuple):
        return value
    if depth == 0:
        return "…"
    if isinstance(value, Mapping):
        return {_visible(str(key)): inert(item, depth - 1) for key, item in value.items()}
    return [inert(item, depth - 1) for item in value]


def _visible(text: str) -> str:
    cut = len(text) - LONGEST
    kept = text[:LONGEST] if cut > 0 else text
    shown = _INVISIBLE.sub(lambda found: f"[U+{ord(found[0]):04X}]", kept)
    return f"{shown} [… +{cut}]" if cut > 0 else shown

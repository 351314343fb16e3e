"""Make what the data says harmless to show: invisible characters become visible, lengths are bounded.

Escaping is not done here: the page and the terminal each do their own. What they would let through deceives a
reader (right-to-left overrides, zero-width characters: https://www.unicode.org/reports/tr36/) or drives a
terminal (control characters).
"""

import re

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\uffff\U000e0000-\U000e007f]"
)
_LONGEST = 400


def inert(text: str, longest: int = _LONGEST) -> str:
    """Give a text safe to escape and show; `[U+202E]` stands for an invisible character."""
    shown = _INVISIBLE.sub(lambda found: f"[U+{ord(found[0]):04X}]", text[:longest])
    cut = len(text) - longest
    return f"{shown} [… +{cut}]" if cut > 0 else shown

"""Text as a search compares it: without case, accents, punctuation or needless space.

Punctuation separates words: ``Jean-Pierre`` and ``jean pierre`` are one, whatever the hyphen, as are
``D'Alembert`` and ``d alembert``, whatever the apostrophe. Signs that are results (+, <) stay; invisible
characters are dropped.

Spec: https://hl7.org/fhir/R4/search.html#string
"""

import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans(
    {
        "œ": "oe",
        "æ": "ae",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ħ": "h",
        "\u0131": "i",
        "ð": "d",
        "þ": "th",
        "ŧ": "t",
    }
)
_SPACING = frozenset({"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sk", "Zs", "Zl", "Zp", "Cc"})
_DROPPED = frozenset({"Mn", "Me", "Cf"})
_ALSO_SPACING = frozenset("$|~\u02b9\u02bb\u02bc\u02bd\u2212")  # the last ones stand for ' and -


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Return what two texts have in common when a search takes them for the same."""
    if text.isascii() and text.isalnum():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(_kept(c) for c in plain).translate(_LETTERS).split())


@lru_cache(maxsize=4096)
def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category in _DROPPED:
        return ""
    return " " if category in _SPACING or character in _ALSO_SPACING else character

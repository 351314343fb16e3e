"""Text as a search compares it: without case, without accents.

Spec: https://hl7.org/fhir/R4/search.html#string
"""

import unicodedata
from functools import lru_cache

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "\u2019": "'"})


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Return the text in lower case, its accents and ligatures undone, its white space single."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().translate(_LIGATURES).split())

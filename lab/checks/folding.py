"""Strings as a FHIR string search compares them: without letter case and without accents.

Spec: https://hl7.org/fhir/R4/search.html#string
"""

import unicodedata

_ACCENTED = str.maketrans("aeiouAEIOU", "àéîôùÀÉÎÔÙ")


def folded(text: str) -> str:
    """Return a text without letter case and combining characters."""
    apart = unicodedata.normalize("NFD", text)
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


def accented(text: str) -> str:
    """Return a text with an accent on each vowel that takes one: the same text once it is folded."""
    return folded(text).translate(_ACCENTED)


def is_plain(text: str) -> bool:
    """Tell whether a text is of letters only once it is folded, so that every server folds it alike."""
    return folded(text).isascii() and folded(text).isalpha()


def begins(text: str, prefix: str) -> bool | None:
    """Tell whether a field begins so; None when only a later word of it does: servers may split fields."""
    whole, start = folded(text), folded(prefix)
    if whole.startswith(start):
        return True if whole.isascii() else None
    words = "".join(c if c.isalnum() else " " for c in whole).split()
    return None if start in whole and any(word.startswith(start) for word in words) else False

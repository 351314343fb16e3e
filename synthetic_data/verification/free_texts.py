"""Free texts of a line: names, sentences, measures in a row, that no rule reads and that have any length.

A text counts as free only when it is right whatever it says, so that lines which differ by free texts are all
valid or all invalid. Everything else (a blank, an escape, a character that is rare here) is left in its line.
"""

import re

_NAMES = rb"family|given|text|line|city|display|description|valueString|conclusion"
# Printable ASCII and letters up to U+07FF: right UTF-8, no blank but the space, and none at the ends.
_WORDS = rb'(?=[^ "])[ -!#-\[\]-~]*+(?:[\xc3-\xdf][\x80-\xbf][ -!#-\[\]-~]*+)*+(?<! )(?=")'
_BASE64 = rb'(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?<!")(?=")'
_SAMPLES = rb'(?:0+(?:\.0+)?|[EUL])(?: (?:-?0+(?:\.0+)?|[EUL]))*+(?=")'
# A UUID as an object identifier. Which digits begin its numbers is for a check to say.
_UID = rb'0\.00\.0{1,39}(?=")'
_MAILBOX = rb"[!#-?A-\[\]-~]+(?=@)"
# The look ahead spares the five branches at most quotation marks: it makes the search twice as fast.
_FREE = re.compile(
    rb'"(?=[cdfgltuv])(?:'
    rb'((?:' + _NAMES + rb')":\[?")(' + _WORDS + rb")"
    rb'|(data":")(' + _BASE64 + rb")"
    rb'|(data":"0+ )(' + _SAMPLES + rb")"
    rb'|(uid":"|value":"urn:oid:)(' + _UID + rb")"
    rb'|(value":")(' + _MAILBOX + rb"))"
)  # fmt: skip


def cut(zeroed: bytes) -> tuple[list[bytes], list[bytes]]:
    """Cut a line, its digits made zeros, at its free texts: what is between them, and the texts.

    Between two texts stand two pieces, before and from the name of the element, without its quotation mark.
    """
    pieces = [piece for piece in _FREE.split(zeroed) if piece is not None]
    texts = pieces[2::3]
    del pieces[2::3]
    return pieces, texts


def outline(pieces: list[bytes]) -> bytes:
    """Name what is left of a line; no line holds the separator, so lines cut otherwise have another name."""
    return b"\n".join(pieces)


def starts(pieces: list[bytes], texts: list[bytes]) -> list[int]:
    """Give the place of each free text in its line."""
    found, place = [], 0
    for before, name, text in zip(pieces[::2], pieces[1::2], texts, strict=False):
        place += len(before) + 1 + len(name)
        found.append(place)
        place += len(text)
    return found
